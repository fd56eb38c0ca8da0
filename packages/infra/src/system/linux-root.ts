/** Whether this process is root on Linux, and so may mount, filter packets and choose groups. */
export const isLinuxRoot = (): boolean => process.platform === 'linux' && process.getuid?.() === 0;
