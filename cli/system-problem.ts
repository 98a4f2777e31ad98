/**
 * What an error of the operating system means for the person at the terminal, with what to do; undefined for every other
 * error.
 */
export function systemProblem(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path } = error as NodeJS.ErrnoException;
  if (path === undefined) return undefined;
  const elsewhere = 'or name another directory with --dir or CZ_HOME';
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `This user has no right to use ${path}. Run the command as the owner of the deployment, ${elsewhere}.`;
    case 'EEXIST':
    case 'ENOTDIR':
      return `${path} is not a directory. Move it away, ${elsewhere}.`;
    case 'EROFS':
      return `${path} is on a file system that cannot be written. Mount it for writing, ${elsewhere}.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `There is no room left for ${path}. Free some space, ${elsewhere}.`;
    default:
      return undefined;
  }
}
