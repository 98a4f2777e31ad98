import { toolFamilies } from '../../server/policy/evaluator/index.ts';
import type { Random } from './random.ts';

const strangers = ['github', 'GitHub', 'mcp__db__query', 'mcp__x__y', 'Secrets', 'llm', 'straße', 'tool.name', 'a:b'];
export const toolNames = [...toolFamilies.flatMap((family) => [family.name, ...family.aliases]), ...strangers];
export const methods = [
  ...[
    '*',
    'read',
    'write',
    'search',
    'spawn',
    'query',
    'SELECT',
    'select',
    'DROP',
    'delete',
    'DELETE',
    'execute',
    'exec',
  ],
  ...['admin', 'UPDATE', 'do', 'rm', 'git', 'list', 'delete_repo', 'GET', 'POST', '', 'truncate', 'EXEC'],
];
export const resources = ['acme/a', 'acme/a/b', 'acme', 'Acme/a', 'prod-db', 'prod.db', '*', 'a[1]', 'ä/ö'];
export const clients = ['python-sdk', 'claude-code', 'claude_code', 'cursor', 'Claude-Code', ''];
export const projects = ['proj-1', 'proj-2', 'other', ''];

const sqlWords = (
  'SELECT select With SHOW EXPLAIN DESCRIBE DESC USE VALUES INSERT update DELETE MERGE UPSERT REPLACE COPY LOAD CREATE ' +
  'alter DROP TRUNCATE GRANT REVOKE RENAME ATTACH DETACH REINDEX VACUUM ANALYZE OPTIMIZE CLUSTER LOCK CALL EXECUTE DO ' +
  'BEGIN COMMIT ROLLBACK START SAVEPOINT SET PRAGMA FETCH'
).split(' ');
const sqlTails = [
  ...[' 1', ' t', ' FROM t', ' x AS (DELETE FROM t) SELECT 1', ' ANALYZE DELETE FROM t', " 'DROP'", ' "a;DROP t"', ''],
  ...[" 'it''s; DROP t'", ' /* ; DROP */ 1', ' -- ; DROP\n 2', " 'open; DROP t", ' /* open ; DROP t', ' "a""b;" c'],
];

/** A text of SQL: one to three statements with comments, quotes and unfinished parts. */
export function sqlText(random: Random): string {
  const statement = () => {
    const lead = random.pick(['', ' ', '\n', '/* x */', '-- c\n', '(', '\u00a0', "''"]);
    return lead + random.pick(sqlWords) + random.pick(sqlTails);
  };
  return random.list(1, 3, statement).join(random.pick([';', '; ', ' ;\n', ';;']));
}

const programs = (
  'rm /bin/rm rmdir unlink shred mkfs.ext4 mkfs fdisk Remove-Item del ri format cat head grep less Get-Content gc wc ' +
  'touch tee cp mv ln patch Set-Content copy curl wget nc ssh scp gh iwr Invoke-WebRequest echo ls mkdir sed docker npm ' +
  'dd tar zip unzip rsync diskutil git kubectl aws gcloud psql make chmod kill cd'
).split(' ');
const words = (
  'a b /x ./f *.txt -r -f -rf -n -v -l -t -c -C -x xf cf tf -tf --list --extract --delete --dry-run -avn of=b if=a ' +
  'host:path rsync://h/p -- - main origin HEAD:refs/heads/main +dev feat/a push pull status clean checkout switch -b ' +
  'commit --force -fd -fdn get delete s3 compute -n 5 10s A=1 eraseDisk list pods --region r 2>&1 > >> >f 1>f <in -> =>'
).split(' ');
const scripts = [
  ...["'import os; os.remove(1)'", '"os.unlink(x)"', "'print(1)'", '\'fs.rmSync("a")\'', '\'open("f","w")\'', "''"],
  ...['\'fetch("http://x")\'', "'urllib.request'", 'File.delete("x")', "'shutil.copy(a,b)'", 'unlink x', "'rmtree(1)"],
];
const fragments = [
  ...['[System.IO.File]::Delete("x")', '(New-Object Net.WebClient).DownloadString("u")', 'cat </dev/tcp/h/80'],
  ...['[System.IO.File]::WriteAllText("a","b")', '[IO.StreamReader]', '[[ a > b ]]', '(( 1 > 0 ))', '[[ a ]] > f'],
];

const known = [
  ...['git push origin main', 'git push --force origin HEAD:refs/heads/main', 'git -C /r push origin +dev', 'git push'],
  ...[
    'git checkout -b feat',
    'git checkout -- f',
    'git clean -fd',
    'git -c a=b clean -n',
    'git --version',
    'GIT push o main',
  ],
  ...[
    'kubectl delete pod x',
    'kubectl -n ns get pods',
    'aws s3 rm s3://x',
    'aws --region r ec2',
    'gcloud compute x',
    'AWS S3',
  ],
];

/** A command line: programs with plausible arguments, wrappers, nested shells, interpreters, substitutions, redirects. */
export function commandLine(random: Random, depth = 0): string {
  const separator = () => random.pick([' | ', ' && ', ' || ', '; ', ';', '|', ' & ', '\n']);
  let line = command(random, depth);
  while (random.chance(0.3)) line += separator() + command(random, depth);
  return random.chance(0.03) ? random.pick(['', ' ', '\t', '$(', '`', '>', 'sudo', 'A=1']) : line;
}

function command(random: Random, depth: number): string {
  const lead = random.chance(0.15) ? random.pick(['A=1 ', 'B_2=x C= ', '1A=2 ', 'é=1 ']) : '';
  return lead + wrappers(random) + body(random, depth);
}

function wrappers(random: Random): string {
  const known = ['sudo', 'sudo -u bob', 'env A=1', 'env -i', 'xargs', 'xargs -n 1', 'nice -n 5', 'timeout 10s', 'time'];
  const one = () => `${random.pick(known)} `;
  return random.chance(0.2) ? random.list(1, random.chance(0.1) ? 9 : 2, one).join('') : '';
}

function body(random: Random, depth: number): string {
  const nested = () => (depth < 7 ? commandLine(random, depth + 1) : 'rm x');
  const roll = random.next();
  if (roll < 0.5) {
    return [random.pick(programs), ...random.list(0, 4, () => random.pick(words))].join(
      random.pick([' ', ' ', '  ', '\t']),
    );
  }
  if (roll < 0.6) return random.pick(known);
  if (roll < 0.69) {
    const quote = random.pick(["'", '"', '']);
    const shell = random.pick([
      'sh -c',
      'bash -lc',
      'zsh -c',
      'su bob -c',
      'pwsh -Command',
      'powershell -c',
      'cmd /c',
      'sh',
    ]);
    return `${shell} ${quote}${nested()}${quote}`;
  }
  if (roll < 0.8) {
    const program = random.pick([
      'python',
      'python3',
      'python3.11',
      '/usr/bin/python',
      'node',
      'perl',
      'ruby',
      'php',
      'Python',
    ]);
    return `${program} ${random.pick(['-c', '-e', '-E', '-r', '-ne', '--eval', '-m', '-p'])} ${random.pick(scripts)}`;
  }
  if (roll < 0.86)
    return `find ${random.pick(words)} ${random.pick(['-delete', '-exec', '-execdir', '-name'])} ${nested()} ;`;
  if (roll < 0.93) return random.pick([`echo $(${nested()})`, `echo \`${nested()}\``, `$(${nested()} $(ls))`]);
  return random.pick(fragments);
}

/** A glob close to a value: the value itself, with parts replaced by wildcards or classes, or in another case. */
export function patternNear(random: Random, value: string): string {
  const roll = random.next();
  if (roll < 0.3 || value === '') return value === '' ? random.pick(['*', '', '?']) : value;
  if (roll < 0.4) return random.pick(['*', '**', '?*', '*:*', '[', '[]', '*]', '[!a]*']);
  const at = random.between(0, value.length - 1);
  const end = random.between(at, value.length);
  if (roll < 0.6) return `${value.slice(0, at)}*${value.slice(end)}`;
  if (roll < 0.68) return `${value.slice(0, at)}?${value.slice(at + 1)}`;
  if (roll < 0.8) return value.slice(0, at) + classNear(random, value[at] as string) + value.slice(at + 1);
  if (roll < 0.88) return random.chance(0.5) ? value.toUpperCase() : value.toLowerCase();
  return `${value.slice(0, at)}*${value.slice(at, end)}*`;
}

function classNear(random: Random, character: string): string {
  const other = String.fromCharCode(character.charCodeAt(0) + random.pick([-1, 1, 2]));
  return random.pick([
    ...[`[${character}]`, `[!${character}]`, `[${character}${other}]`, `[a-z]`, `[${character}-${other}]`, `[!a-z]`],
    ...[
      `[${other}-${character}]`,
      `[]${character}]`,
      `[!]${other}]`,
      `[--${character}]`,
      `[^${character}]`,
      `[${character}-]`,
    ],
    ...[`[z-a${character}]`, `[${character}`, `[[${character}]`, `[\\${character}]`, `[a-${character}-z]`],
  ]);
}
