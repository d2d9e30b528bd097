// The usual tree of test names, and the true counts for tools/check.ts.
const Mocha = require('mocha');

class Counting extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      process.send?.({ passed: passes, failed: failures, skipped: pending });
    });
  }
}
module.exports = Counting;
