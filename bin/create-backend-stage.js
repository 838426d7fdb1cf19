#!/usr/bin/env node
// Imports nothing before the version is known: on an old Node a dependency would die in its own stack trace instead.
// Only syntax that such a Node still parses.
var required = [20, 19];
var parts = process.versions.node.split('.').map(Number);

if (parts[0] > required[0] || (parts[0] === required[0] && parts[1] >= required[1])) {
  import('../dist/cli.js').then(
    cli => cli.main(),
    error => {
      process.stderr.write(`create-backend-stage: cannot load its own code: ${error.message}\n`);
      process.exitCode = 1;
    },
  );
} else {
  process.stderr.write(
    'create-backend-stage needs Node ' +
      required.join('.') +
      ' or later, and this is ' +
      process.versions.node +
      ': install a current one from https://nodejs.org and run the same command again.\n',
  );
  process.exitCode = 2;
}
