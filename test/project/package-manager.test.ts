import { describe, expect, it } from 'vitest';
import {
  detectPackageManager,
  installArguments,
  installCommand,
  scriptCommand,
  toolCommand,
} from '../../src/project/package-manager.ts';

describe('the package manager', () => {
  it.each([
    ['npm/11.1.0 node/v20.20.2 linux x64 workspaces/false', 'npm'],
    ['pnpm/10.1.0 npm/? node/v24.0.0 linux x64', 'pnpm'],
    ['yarn/1.22.22 npm/? node/v20.20.2 linux x64', 'yarn'],
    ['yarn/4.6.0 npm/? node/v20.20.2 linux x64', 'yarn'],
    ['bun/1.2.0 npm/? node/v22.6.0 linux x64', 'bun'],
    ['cnpm/9 node/v20', 'npm'],
    [undefined, 'npm'],
  ])('is read off the user agent %s', (agent, expected) => {
    expect(detectPackageManager({ npm_config_user_agent: agent })).toBe(expected);
  });

  it('installs without advertising', () => {
    expect(installArguments('npm')).toEqual(['install', '--no-audit', '--no-fund', '--loglevel=error']);
    expect(installArguments('pnpm')).toEqual(['install']);
    expect(installCommand('bun')).toBe('bun install');
  });

  it.each([
    ['npm', 'npx create-backend-stage@1.2.3 my-shop --stage pool', 'npm run dev'],
    ['pnpm', 'pnpm dlx create-backend-stage@1.2.3 my-shop --stage pool', 'pnpm run dev'],
    ['yarn', 'yarn create backend-stage@1.2.3 my-shop --stage pool', 'yarn dev'],
    ['bun', 'bunx create-backend-stage@1.2.3 my-shop --stage pool', 'bun run dev'],
  ] as const)('spells commands for %s', (manager, tool, script) => {
    expect(toolCommand(manager, '1.2.3', ['my-shop', '--stage', 'pool'])).toBe(tool);
    expect(scriptCommand(manager, 'dev')).toBe(script);
  });

  it('quotes what a shell would take apart', () => {
    expect(toolCommand('npm', '1.0.0', ['/tmp/a b/shop'])).toBe(
      "npx create-backend-stage@1.0.0 '/tmp/a b/shop'",
    );
  });
});
