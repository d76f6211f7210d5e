/** What an operator does at a RabbitMQ, by the HTTP API of its management: that answers at once, where `rabbitmqctl` takes seconds. */
export interface RabbitmqOperator {
  /** Makes a user who may do everything in the virtual host `/`, or gives it another password. */
  putUser(user: { readonly username: string; readonly password: string }): Promise<void>;
  /** Its connections stay. */
  deleteUser(username: string): Promise<void>;
  /** What is open, each with a name of its own; what begins or ends is seen a second or two later. */
  connections(): Promise<readonly { readonly name: string; readonly user: string }[]>;
  /** Nothing happens where it has ended. */
  endConnection(name: string): Promise<void>;
}

/** For `rabbitmq.conf`: statistics, of which the list of connections is one, are made each second in place of each five. */
export const oftenListed = ['global.minute', 'basic.minute', 'detailed.10']
  .map((samples) => `management.sample_retention_policies.${samples} = 1`)
  .join('\n');

/**
 * @param url Of the API: `http://127.0.0.1:15672/api`.
 * @see https://www.rabbitmq.com/docs/http-api-reference
 */
export function createRabbitmqOperator(url: string): RabbitmqOperator {
  const headers = {
    authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}`,
    'content-type': 'application/json',
  };
  const call = async (method: string, path: string, body?: object) => {
    const signal = AbortSignal.timeout(30_000);
    const answer = await fetch(url + path, { method, headers, signal, ...(body && { body: JSON.stringify(body) }) });
    if (!answer.ok && answer.status !== 404) {
      throw new Error(`Cannot ${method} ${path} at RabbitMQ: ${answer.status} ${await answer.text()}`);
    }
    return answer;
  };
  return {
    async putUser({ username, password }) {
      await call('PUT', `/users/${username}`, { password, tags: '' });
      await call('PUT', `/permissions/%2F/${username}`, { configure: '.*', write: '.*', read: '.*' });
    },
    deleteUser: async (username) => void (await call('DELETE', `/users/${username}`)),
    connections: async () => (await (await call('GET', '/connections')).json()) as { name: string; user: string }[],
    endConnection: async (name) => void (await call('DELETE', `/connections/${encodeURIComponent(name)}`)),
  };
}
