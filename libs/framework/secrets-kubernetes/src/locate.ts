import type { SecretReference } from '@org/config';
import { secretReferenceInvalid, type SecretLocation } from '@org/secrets';

/**
 * What Kubernetes takes for the key of a Secret; names of folders are held to the same. Nothing begins with two dots: such
 * names are the kubelet's own, or lead elsewhere.
 */
const segment = /^(?!\.\.|\.$)[-._A-Za-z0-9]{1,253}$/;

/**
 * Takes `kubernetes:name/key` or `kubernetes:name` apart.
 *
 * @throws {ServiceError} SECRET_REFERENCE_INVALID
 */
export function locateInVolumes(root: string, reference: SecretReference): SecretLocation {
  const [name = '', key, ...rest] = reference.path.split('/');
  const isWellFormed = [name, key ?? 'none'].every((part) => segment.test(part));
  if (isWellFormed && rest.length === 0 && reference.key === undefined) {
    return { path: name, ...(key !== undefined && { key }) };
  }
  // What is no reference may be anything, and is not repeated.
  const why = 'expected `kubernetes:name/key`, or `kubernetes:name` for all keys, got something else';
  throw secretReferenceInvalid({ doing: `read a secret below ${root}`, why });
}
