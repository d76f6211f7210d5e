import { diag } from '@opentelemetry/api';
import { ExportResultCode, setGlobalErrorHandler, type ExportResult } from '@opentelemetry/core';
import type { Logger } from '@org/logging';
import { reasonOf } from './reason.ts';

type Export<Items> = (items: Items, done: (result: ExportResult) => void) => void;

/** Notices when what is sent stops arriving: one line when it begins and one when it is over, not one for every batch. */
export interface Outage {
  /** Gives an `export` of the SDK that is watched; `count` tells how many are lost when it fails. */
  watch<Items>(send: Export<Items>, count: (items: Items) => number): Export<Items>;
  /** How many could not be sent so far, those included of which nothing was heard yet. */
  readonly lost: () => number;
}

export function watchOutage(logger: Logger, what: 'spans' | 'metrics'): Outage {
  // The SDK would log each batch that fails.
  setGlobalErrorHandler((error) => diag.debug('the SDK failed', error));
  let failing = false;
  let lost = 0;
  let waiting = 0;
  const failed = ({ error }: ExportResult) => {
    if (failing) return;
    failing = true;
    logger.warn(reasonOf(error), `${what} cannot be sent; see OTEL_EXPORTER_OTLP_ENDPOINT and its collector`);
  };
  const arrived = () => {
    if (!failing) return;
    failing = false;
    logger.info({ lost }, `${what} are sent again`);
  };
  return {
    watch: (send, count) => (items, done) => {
      const size = count(items);
      waiting += size;
      send(items, (result) => {
        waiting -= size;
        if (result.code === ExportResultCode.SUCCESS) arrived();
        else {
          lost += size;
          failed(result);
        }
        done(result);
      });
    },
    lost: () => lost + waiting,
  };
}
