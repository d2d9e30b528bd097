import { expect } from 'chai';
import { AggregatorRegistry } from 'prom-client';
import { createMetrics } from '../../src/metrics.ts';

describe('the metrics', () => {
  it('count events, requests, jobs and enforcement under names with base units', async () => {
    const metrics = createMetrics({
      jobs: async () => [{ kind: 'mail', state: 'dead', count: 2 }],
      hashQueueDepth: () => 7,
    });
    metrics.event({ event: 'password_refused', method: 'password', result: 'refused' });
    metrics.event({ event: 'policy_changed', result: 'ok' });
    metrics.request({ method: 'GET', route: '/sign-in/:uid', status: 200, seconds: 0.012 });
    metrics.job('logout-token', 'sent');
    metrics.enforced(46);
    const { contentType, text } = await metrics.text();
    expect(contentType).to.match(/^text\/plain/);
    for (const line of [
      'stile_audit_events_total{event="password_refused",method="password",result="refused"} 1',
      'stile_audit_events_total{event="policy_changed",method="",result="ok"} 1',
      'stile_http_request_duration_seconds_bucket{le="0.025",method="GET",route="/sign-in/:uid",status="2xx"} 1',
      'stile_outbox_tries_total{kind="logout-token",outcome="sent"} 1',
      'stile_outbox_jobs{kind="mail",state="dead"} 2',
      'stile_outbox_jobs{kind="logout-token",state="waiting"} 0',
      'stile_enforcement_saves_total 1',
      'stile_enforcement_signed_out_total 46',
      'stile_hash_queue_depth 7',
    ]) {
      expect(text).to.include(line);
    }
    expect(text).to.match(/^process_resident_memory_bytes /m);
  });

  it('are served although the database cannot say how many jobs wait', async () => {
    const metrics = createMetrics({ jobs: () => Promise.reject(new Error('away')) });
    expect((await metrics.text()).text)
      .to.include('stile_outbox_jobs')
      .and.include('process_cpu_seconds_total');
  });

  it('of workers are added up, but for what all of them read in one database', async () => {
    const workers = [1, 2].map(() =>
      createMetrics({ jobs: async () => [{ kind: 'logout-token', state: 'waiting', count: 3 }] }),
    );
    for (const worker of workers) worker.enforced(23);
    const told = await Promise.all(workers.map(({ registry }) => registry.getMetricsAsJSON()));
    const together = await AggregatorRegistry.aggregate(told).metrics();
    expect(together).to.include('stile_outbox_jobs{kind="logout-token",state="waiting"} 3');
    expect(together).to.include('stile_enforcement_saves_total 2');
    expect(together).to.include('stile_enforcement_signed_out_total 46');
  });

  it('of two servers in one process do not get in each other’s way', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.event({ event: 'signed_out', result: 'ok' });
    expect((await one.text()).text).to.include('event="signed_out"');
    expect((await other.text()).text).to.not.include('event="signed_out"');
  });
});
