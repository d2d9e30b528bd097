import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { embeddedClassPath } from './embedded-build.ts';
import { dataDirInUse, type Engine } from './engine.ts';
import { launch } from './engine-process.ts';

/** Heap of the server, megabytes; it is 150 MB resident with that. */
const HEAP = 256;

/** A MongoDB-compatible server in Java that keeps its data in `DATA_DIR/embedded.mv.db`; its libraries come by Maven. */
export const embeddedJava: Engine = {
  way: 'Install Java 17 or later (a JDK) and Maven: Stile then runs its embedded database (Debian: apt-get install default-jdk-headless maven).',

  async start({ dataDir, port = 0, heapMegabytes = HEAP, say }) {
    const prepared = await embeddedClassPath(say);
    if ('reason' in prepared) return prepared;
    if (dataDir !== undefined) await mkdir(dataDir, { recursive: true });

    const file = dataDir === undefined ? '-' : join(dataDir, 'embedded.mv.db');
    const started = await launch({
      command: 'java',
      args: [
        `-Xmx${heapMegabytes}m`,
        // Asked for to hold much: a heap that grows step by step is collected at each of them, and what is new in it is
        // here to stay, so that little of it is copied at a time.
        ...(heapMegabytes > HEAP ? [`-Xms${heapMegabytes}m`, '-Xmn256m'] : []),
        '-XX:+UseSerialGC',
        ...['-cp', prepared.classPath, 'EmbeddedMongo', String(port), file],
      ],
      match: /^(READY \d+|FAILED \w+)$/,
    });
    if (!started.ready) {
      return { reason: started.notFound ? 'no java on the PATH' : `java gave up: ${started.output}` };
    }
    const [word, detail = ''] = started.ready[0].split(' ');
    if (word === 'FAILED') {
      await started.process.stop();
      if (detail === 'locked' && dataDir !== undefined) throw dataDirInUse(dataDir);
      return { reason: `the embedded database could not start (${detail})` };
    }
    const { pid, stop, died } = started.process;
    const place = dataDir === undefined ? 'in memory' : `in ${dataDir}`;
    return {
      engine: {
        name: `embedded database (Java) ${place}`,
        uri: `mongodb://127.0.0.1:${detail}`,
        pid,
        stop,
        died,
      },
    };
  },
};
