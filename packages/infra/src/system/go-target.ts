/** An operating system and a processor, in Go's words. */
export interface GoTarget {
  readonly os: string;
  readonly arch: string;
}

const SYSTEMS: Readonly<Record<string, string>> = { win32: 'windows', sunos: 'solaris' };
const PROCESSORS: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** What Go, and Terraform too, calls this machine, or the one with Node's words for it. */
export function goTarget(
  platform: string = process.platform,
  arch: string = process.arch,
): GoTarget {
  return { os: SYSTEMS[platform] ?? platform, arch: PROCESSORS[arch] ?? arch };
}
