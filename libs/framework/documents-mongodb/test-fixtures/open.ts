import { readSettings } from '@org/config';
import {
  documentsSettings,
  openDocuments,
  type CollectionDefinition,
  type Documents,
  type DocumentsSettings,
} from '@org/documents';
import { collectLogger, type CollectingLogger } from '@org/testing';
import { mongodb } from '../src/index.ts';

export interface OpenOptions {
  readonly collections?: readonly CollectionDefinition[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly settings?: Partial<DocumentsSettings>;
  readonly logger?: CollectingLogger;
}

/** Opens what a service opens whose environment has this URL. */
export async function open(url: string, options: OpenOptions = {}): Promise<Documents> {
  const { collections = [], environment, settings, logger = collectLogger() } = options;
  const adapters = [mongodb];
  const read = readSettings(
    { documents: documentsSettings({ adapters }) },
    { environment: { DOCUMENTS_URL: url, ...environment }, service: 'tests', schemes: [] },
  );
  const service = { name: 'tests', version: '1.0.0', commit: undefined };
  return openDocuments(
    { ...(read.settings.documents as DocumentsSettings), ...settings },
    { adapters, collections },
    { logger, service },
  );
}
