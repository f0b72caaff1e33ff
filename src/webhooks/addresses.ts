import { type LookupAddress, lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** IPv4 addresses that do not belong to a host on the internet (RFC 6890 and its registry), those of clouds' metadata among them. */
const RESERVED = new BlockList()
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  RESERVED.addSubnet(net, prefix, 'ipv4')

/** All that is routed in IPv6; what lies outside is loopback, local, multicast, or an IPv4 address in disguise. */
const GLOBAL = new BlockList()
GLOBAL.addSubnet('2000::', 3, 'ipv6')
/** Except protocols' own addresses, documentation, and 6to4 and Teredo, which hold IPv4 addresses. */
const RESERVED_6 = new BlockList()
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  RESERVED_6.addSubnet(net, prefix, 'ipv6')

/** Whether an IP address is one that anybody on the internet can reach. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !RESERVED.check(address, 'ipv4')
  return isIP(address) === 6 && GLOBAL.check(address, 'ipv6') && !RESERVED_6.check(address, 'ipv6')
}

/** The IP address that a URL names itself, undefined for a name. */
export function literalOf({ hostname }: URL): string | undefined {
  const host = hostname.replace(/^\[|\]$/g, '')
  return isIP(host) ? host : undefined
}

export class PrivateAddressError extends Error {
  constructor(host: string) {
    super(`${host} is not an address on the internet.`)
    this.name = 'PrivateAddressError'
  }
}

/**
 * Resolves a name for a connection, which is then made to what was checked: to ask once more could bring another answer. One private
 * address among several refuses all.
 */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
    if (error) return callback(error, '', 0)
    const [first] = found
    if (!first || !found.every(({ address }) => isPublic(address)))
      return callback(new PrivateAddressError(hostname), '', 0)
    if (options.all) callback(null, found)
    else callback(null, first.address, first.family)
  })
}
