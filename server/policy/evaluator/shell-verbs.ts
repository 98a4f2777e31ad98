/** What a command line does to files or the network, most dangerous first. */
export const shellClasses = ['file_delete', 'network', 'file_write', 'file_read'] as const;
export type ShellClass = (typeof shellClasses)[number];

/** The graver of two classes; undefined is none. */
export function graver(left: ShellClass | undefined, right: ShellClass | undefined): ShellClass | undefined {
  if (left === undefined) return right;
  if (right === undefined) return left;
  return shellClasses.indexOf(right) < shellClasses.indexOf(left) ? right : left;
}

/** Programs whose class does not depend on their arguments: POSIX, PowerShell and cmd.exe names, in lower case. */
const programsOfClass: Readonly<Record<ShellClass, string>> = {
  file_delete:
    'rm rmdir unlink shred srm wipe trash trash-put remove-item ri clear-content clc clear-item cli ' +
    'remove-itemproperty rp del erase rd format mkfs fdisk mke2fs wipefs',
  network:
    'curl wget nc ncat socat telnet ssh scp sftp gh ftp tftp smbclient lftp aria2c invoke-webrequest iwr ' +
    'invoke-restmethod irm start-bitstransfer',
  file_write:
    'touch tee cp mv install ln truncate sponge split patch new-item ni set-content add-content ac out-file ' +
    'tee-object copy-item cpi move-item mi rename-item rni export-csv epcsv export-clixml copy xcopy move ren rename ' +
    'mklink',
  file_read:
    'cat less more head tail grep od hexdump strings cut tac nl rev diff cmp paste wc get-content gc select-string ' +
    'sls import-csv ipcsv import-clixml fc comp findstr',
};

const classOfProgram = new Map<string, ShellClass>();
for (const shellClass of shellClasses) {
  for (const program of programsOfClass[shellClass].split(' ')) classOfProgram.set(program, shellClass);
}

/** Reads the class from a program's arguments (the program's own name excluded). */
type ArgumentReader = (args: readonly string[]) => ShellClass | undefined;

const readers: Readonly<Record<string, ArgumentReader>> = {
  dd: (args) =>
    args.some((word) => /^of=/i.test(word))
      ? 'file_write'
      : args.some((word) => /^if=/i.test(word))
        ? 'file_read'
        : undefined,
  diskutil: (args) => (args.some((word) => diskErasers.has(word.toLowerCase())) ? 'file_delete' : undefined),
  git: gitClass,
  rsync: rsyncClass,
  tar: tarClass,
  zip: archiveClass,
  unzip: archiveClass,
};

const diskErasers = new Set(
  'partitiondisk reformat eraseoptical secureerase zerodisk erasevolume erasedisk apfs'.split(' '),
);

/**
 * The class of a program with its arguments, where neither is code nor another command line.
 * @param program its name in lower case
 */
export function programClass(program: string, args: readonly string[]): ShellClass | undefined {
  return Object.hasOwn(readers, program) ? readers[program]?.(args) : classOfProgram.get(program);
}

function isDryRun(word: string): boolean {
  return word === '--dry-run' || /^-(?!-).*n/s.test(word);
}

function gitClass(args: readonly string[]): ShellClass | undefined {
  let at = 0;
  while (at < args.length && args[at]?.startsWith('-')) at += args[at] === '-c' || args[at] === '-C' ? 2 : 1;
  if (args[at]?.toLowerCase() !== 'clean') return undefined;
  return args.slice(at + 1).some(isDryRun) ? undefined : 'file_delete';
}

function rsyncClass(args: readonly string[]): ShellClass | undefined {
  if (args.some(isDryRun)) return undefined;
  if (args.some((word) => /^--delete/i.test(word))) return 'file_delete';
  if (args.some((word) => !word.startsWith('-') && word.includes(':'))) return 'network';
  return args.length > 0 ? 'file_write' : undefined;
}

/** Reading the table of contents is a read; creating and unpacking write. The bundled letters may come without a dash. */
function tarClass(args: readonly string[]): ShellClass | undefined {
  for (const arg of args) {
    const word = arg.toLowerCase();
    if (word === '--list') return 'file_read';
    if (word === '--extract' || word === '--create' || word === '--get') return 'file_write';
    if (word.startsWith('--')) continue;
    const letters = word.replace(/^-/, '');
    if (!/^\p{L}+$/u.test(letters)) continue;
    if (/[xc]/.test(letters)) return 'file_write';
    if (letters.includes('t')) return 'file_read';
    if (!word.startsWith('-')) return undefined;
  }
  return undefined;
}

function archiveClass(args: readonly string[]): ShellClass | undefined {
  if (args.some((word) => ['-l', '-t', '-v', '--list', '--test'].includes(word.toLowerCase()))) return 'file_read';
  return args.length > 0 ? 'file_write' : undefined;
}
