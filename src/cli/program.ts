import { Command } from 'commander';
import { version } from '../version.ts';

/** The command line: what can be asked, and which file does it. A command's code is loaded when it is asked for. */
export function program(): Command {
  const packyard = new Command('packyard')
    .description(
      'A self-hosted AWS CodeArtifact: the API for the AWS CLI and SDKs, and registries for package managers.',
    )
    .version(version)
    .showHelpAfterError(false)
    .configureOutput({ outputError: (text, write) => write(`packyard: ${onOneLine(text)}\n`) });

  packyard
    .command('serve', { isDefault: true })
    .description('serve until SIGTERM or SIGINT')
    .option('--host <HOST>', 'address to listen on (127.0.0.1)')
    .option('--port <PORT>', 'port to listen on (4566)')
    .option('--data <DIR>', 'folder of the database and the blobs (packyard-data)')
    .option('--database <URL>', 'a postgres:// database instead of the embedded one')
    .option('--blobs <URL>', 'where blobs are kept instead of the data folder')
    .option('--auth <MODE>', 'open: every signed caller is an administrator of its account; enforce: by policy')
    .option('--principals <FILE>', 'YAML or JSON file with accounts, users, roles, access keys and their policies')
    .option('--strict', 'serve nothing that AWS does not')
    .option('--endpoint-style <STYLE>', 'shape of the endpoints handed out: path or host')
    .option('--endpoint-host <NAME>', 'host and port of the endpoints handed out, instead of those the caller used')
    .option('--registry <CONNECTION=URL>', 'address of a public registry; may be repeated', collect)
    .option(
      '--quota <NAME=NUMBER>',
      'how much there may be of something, as in domainsPerAccount=50; may be repeated',
      collect,
    )
    .option('--throttle', 'refuse what is above the rates that AWS allows')
    .option(
      '--rate <NAME=NUMBER>',
      'requests per second with --throttle, instead of what AWS allows; may be repeated',
      collect,
    )
    .option('--webhook <URL>', 'whom to tell what happens; secret in PACKYARD_WEBHOOK_SECRET; may be repeated', collect)
    .option('--memory', 'keep nothing: the data folder is a temporary one')
    .option('--workers <N>', 'processes to serve with')
    .option('--log-level <LEVEL>', 'fatal, error, warn, info, debug, trace or silent')
    .option('--config <FILE>', 'YAML file with settings')
    .action(async (flags: Record<string, unknown>) => {
      const { serve } = await import('./serve.ts');
      await serve(flags);
    });
  packyard
    .command('doctor')
    .description('say what this machine and these settings lead to, and where the public registries are')
    .option('--data <DIR>', 'folder of the database and the blobs (packyard-data)')
    .option('--registry <CONNECTION=URL>', 'address of a public registry; may be repeated', collect)
    .option('--config <FILE>', 'YAML file with settings')
    .action(async (flags: Record<string, unknown>) => {
      const { doctor } = await import('./doctor.ts');
      await doctor(flags);
    });
  packyard
    .command('migrate')
    .description('bring the database to the newest schema, as a server does when it starts')
    .option('--data <DIR>', 'folder of the database and the blobs (packyard-data)')
    .option('--database <URL>', 'a postgres:// database instead of the embedded one')
    .option('--config <FILE>', 'YAML file with settings')
    .action(async (flags: Record<string, unknown>) => {
      const { migrate } = await import('./migrate.ts');
      await migrate(flags);
    });
  packyard
    .command('copy')
    .description('move a store to other places: a data folder, a postgres:// database, an s3:// bucket')
    .requiredOption('--from <PLACE...>', 'where the store is: a folder, or a database and a folder or bucket for blobs')
    .requiredOption('--to <PLACE...>', 'where it is to be; what is the same place on both sides stays')
    .option('--no-verify', 'do not compare rows and blobs afterwards')
    .addHelpText('after', copyHelp)
    .action(async (flags: Record<string, unknown>) => {
      const { copy } = await import('./copy.ts');
      await copy(flags);
    });
  return packyard;
}

const copyHelp = `
Stop the servers of both stores first. Folders are locked meanwhile; nodes on a postgres:// database and an s3:// bucket
are not kept out, and what they publish after the start is missing in the copy: the comparison finds it, and the copy
fails. A copy that was cut off goes on when it is run again with the same arguments.

  packyard copy --from ./packyard-data --to postgres://packyard@db/packyard ./packyard-data
  packyard copy --from ./packyard-data --to postgres://packyard@db/packyard s3://bucket/packyard`;

function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}

/** Commander puts its suggestion on a line of its own. */
function onOneLine(text: string): string {
  return text
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ');
}
