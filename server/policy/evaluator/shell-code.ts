import { strip, whitespaceClass } from './python-text.ts';
import { unquoted } from './shell-segments.ts';
import type { ShellClass } from './shell-verbs.ts';

/** Traces of one class in program text, in lower case. */
interface Trace {
  readonly shellClass: ShellClass;
  readonly fragments: readonly string[];
}

const interpreterTraces: readonly Trace[] = [
  {
    shellClass: 'file_delete',
    fragments: [
      ...'shutil.rmtree os.remove os.unlink os.rmdir os.removedirs .unlink( path.unlink fs.unlink fs.rm rimraf'.split(
        ' ',
      ),
      ...'.rmsync( .rmdirsync( .unlinksync( .rm( .rmdir( file.delete fileutils.rm_r fileutils.remove'.split(' '),
      ...'unlink( remove_tree rmtree'.split(' '),
      'unlink ',
    ],
  },
  {
    shellClass: 'network',
    fragments: [
      ...'urllib urlopen requests.get requests.post http.client socket.socket net.connect https.get http.get'.split(
        ' ',
      ),
      ...'fetch( net::http open-uri curl_exec'.split(' '),
      `file_get_contents('http`,
      'file_get_contents("http',
    ],
  },
  {
    shellClass: 'file_write',
    fragments: [
      ...'open( io.open pathlib.path.write .write_text .write_bytes shutil.copy shutil.move os.rename'.split(' '),
      ...'os.truncate fs.write fs.append fs.copy fs.rename writefilesync file.write file.open'.split(' '),
      ...'fileutils.cp fileutils.mv file_put_contents fopen('.split(' '),
    ],
  },
];

const platformTraces: readonly Trace[] = [
  { shellClass: 'file_delete', fragments: ['[system.io.file]::delete', '[system.io.directory]::delete'] },
  {
    shellClass: 'network',
    fragments: '.downloadstring .downloadfile .uploadfile net.webclient net.sockets /dev/tcp/ /dev/udp/'.split(' '),
  },
  {
    shellClass: 'file_write',
    fragments: [
      ...['writealltext', 'appendalltext', 'writeallbytes', 'create', 'copy', 'move'].map(
        (name) => `[system.io.file]::${name}`,
      ),
      'streamwriter',
      'filestream',
    ],
  },
  {
    shellClass: 'file_read',
    fragments: [
      ...['readalltext', 'readallbytes', 'openread'].map((name) => `[system.io.file]::${name}`),
      'streamreader',
    ],
  },
];

function traceClass(traces: readonly Trace[], foldedText: string): ShellClass | undefined {
  return traces.find((trace) => trace.fragments.some((fragment) => foldedText.includes(fragment)))?.shellClass;
}

/** What a whole command line does through .NET calls or the shell's own sockets, wherever they stand. */
export function platformCodeClass(line: string): ShellClass | undefined {
  return traceClass(platformTraces, line.toLowerCase());
}

const inlineCode = new RegExp(
  `(?:^|[${whitespaceClass}|;&(])(?:[\\p{L}\\p{N}_./-]*/)?(?:python[0-9.]*|node|ruby|perl|php)[${whitespaceClass}]+` +
    `(?:-[A-Za-z]*[cerE]|--eval|--command)(?=[${whitespaceClass}]|$)`,
  'u',
);

/**
 * The class of code handed to an interpreter (`python -c`, `node -e`, …) anywhere on a line. The code is everything up to
 * the end of the line, because quoted code may hold separators; so the first interpreter's code contains all others'.
 */
export function inlineCodeClass(line: string): ShellClass | undefined {
  const match = inlineCode.exec(line);
  if (match === null) return undefined;
  return traceClass(interpreterTraces, unquoted(line.slice(match.index + match[0].length)).toLowerCase());
}

/** Programs that run code from their command line. */
export const interpreters: ReadonlySet<string> = new Set(['python', 'python3', 'node', 'ruby', 'perl', 'php']);

/** The class of the code in an interpreter's own arguments. */
export function interpreterClass(args: readonly string[]): ShellClass | undefined {
  const flag = args.findIndex((word) => /^(?:--eval|--command|-\p{L}*[cer])$/u.test(word.toLowerCase()));
  if (flag < 0) return undefined;
  const code = args.slice(flag + 1).join(' ');
  return strip(code) === '' ? undefined : traceClass(interpreterTraces, unquoted(code).toLowerCase());
}
