/** Where documents are, without secrets. */
export interface Target {
  /** A URL without user, password and options. */
  readonly shown: string;
  /** The database: that of the URL, else one with the name of the service. */
  readonly database: string;
  /** The first of the hosts. */
  readonly host: string;
  readonly port: number | undefined;
}

export function readTarget(url: string, service: string): Target {
  const [, protocol = '', hosts = '', path = ''] = /^([^:]+):\/\/(?:[^/?#]*@)?([^/?#]*)(?:\/([^?#]*))?/.exec(url) ?? [];
  const database = decodeURIComponent(path) || service;
  const [first = ''] = hosts.split(',');
  const [, host = first, port] = /^(.*?)(?::(\d+))?$/.exec(first) ?? [];
  const known = port ?? (protocol.endsWith('+srv') ? undefined : '27017');
  return {
    shown: `${protocol}://${hosts}/${database}`,
    database,
    host,
    port: known === undefined ? undefined : Number(known),
  };
}
