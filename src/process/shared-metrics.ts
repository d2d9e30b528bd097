import { AggregatorRegistry, type Registry } from 'prom-client';

/** In the primary process. @returns what `/metrics` answers: the numbers of all workers, added up */
export function metricsOfWorkers(): () => Promise<{ contentType: string; text: string }> {
  const together = new AggregatorRegistry();
  return async () => ({ contentType: together.contentType, text: await together.clusterMetrics() });
}

/** In a worker: hands its numbers to the primary process when that asks. */
export function tellPrimary(registry: Registry): void {
  AggregatorRegistry.setRegistries([registry]);
  // Making one is how prom-client begins to listen for the question.
  void new AggregatorRegistry();
}
