export type { PrivateServer, FoundServer } from './private-server.ts';
export { createCanary, type Canary } from './canary.ts';
export {
  createCertificateAuthority,
  hasOpenssl,
  type CertificateAuthority,
  type IssuedCertificate,
  type IssueOptions,
} from './certificate-authority.ts';
export { collectLogger, type CollectedLine, type CollectingLogger } from './collect-logger.ts';
export { findChromium } from './chromium.ts';
export { freePort, freePorts } from './free-port.ts';
export { kubeletVolume, type KubeletSwap, type KubeletVolume } from './kubelet-volume.ts';
export { load, type Load, type LoadCounts, type LoadOptions } from './load.ts';
export { createManualClock, type ManualClock, type ManualClockOptions } from './manual-clock.ts';
export { findNats, natsRequirement, startNats, type NatsServer, type StartNatsOptions } from './nats.ts';
export {
  findPostgres,
  postgresRequirement,
  startPostgres,
  type PostgresServer,
  type StartPostgresOptions,
} from './postgres.ts';
export {
  findRabbitmq,
  rabbitmqRequirement,
  startRabbitmq,
  type RabbitmqServer,
  type StartRabbitmqOptions,
} from './rabbitmq.ts';
export { type RabbitmqOperator } from './rabbitmq-operator.ts';
export { rawRequest, type RawAnswer, type RawRequestOptions } from './raw-request.ts';
export { runReadme } from './readme.ts';
export { skipUnless, type Requirement, type SkippableContext } from './skip-unless.ts';
export { startProcess, type Exit, type RunningProcess, type StartProcessOptions } from './process.ts';
export { openTcpProxy, type ProxyDirection, type TcpProxy, type TcpProxyOptions } from './tcp-proxy.ts';
export { temporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';
export { waitFor, type WaitForOptions } from './wait-for.ts';
export {
  openOtlpReceiver,
  type OtlpAnswer,
  type OtlpReceiver,
  type OtlpReceiverOptions,
  type OtlpRequest,
} from './otlp-receiver.ts';
export type { ReceivedMetric, ReceivedSpan } from './otlp-messages.ts';
export {
  askVault,
  findVault,
  startVaultDouble,
  vaultRequirement,
  type DatabaseUsers,
  type FaultScope,
  type FoundVault,
  type VaultAccess,
  type VaultAnswer,
  type VaultDouble,
  type VaultDoubleOptions,
  type VaultFault,
  type VaultRequest,
} from './vault/index.ts';
