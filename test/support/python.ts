import { execFileSync, spawn } from 'node:child_process';
import { describe } from 'vitest';

/** Stories told by Python programs that need these modules; shown as skipped, with what is missing, where one is. */
export function describePython(subject: string, modules: readonly string[], stories: () => void): void {
  const missing = modules.filter((module) => !hasModule(module));
  if (missing.length > 0 && process.env['CI']) {
    throw new Error(`CI needs Python modules: python3 -m pip install ${missing.join(' ')}`);
  }
  const title = missing.length === 0 ? subject : `${subject} (not installed: ${missing.join(', ')})`;
  describe.skipIf(missing.length > 0)(title, { timeout: 120_000 }, stories);
}

function hasModule(module: string): boolean {
  try {
    execFileSync('python3', ['-c', `import ${module}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const timeLimitMs = 100_000;

/**
 * Runs a Python program with a JSON value on its standard input, without any AWS settings of the computer that the
 * tests run on, and resolves with the JSON values it writes, one a line. Rejects with what it said when it fails.
 */
export function runPython(program: string, input: unknown): Promise<unknown[]> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS_|PYTHON|https?_proxy$)/i.test(name));
  const nowhere = { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };
  const env = { ...Object.fromEntries(inherited), ...nowhere, PYTHONDONTWRITEBYTECODE: '1' };
  return new Promise((resolve, reject) => {
    const child = spawn('python3', [program], { env, stdio: ['pipe', 'pipe', 'pipe'], timeout: timeLimitMs });
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code !== 0) return reject(new Error(`${program} ended with ${code ?? signal}:\n${said.stderr}`));
      resolve(
        said.stdout
          .split('\n')
          .filter(Boolean)
          .map((line): unknown => JSON.parse(line)),
      );
    });
    // One that ends before it has read everything tells why on its standard error.
    child.stdin.on('error', () => undefined).end(JSON.stringify(input));
  });
}
