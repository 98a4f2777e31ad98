import ipaddr from 'ipaddr.js';

/**
 * What counts as one network address when requests or failures are counted: an IPv4 address, also where it is written as
 * IPv6, or the /64 of an IPv6 address, because a household or a rented server has a whole one.
 */
export function networkOf(ip: string): string {
  if (!ip.includes(':') || !ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/64`).toString()}/64`;
}
