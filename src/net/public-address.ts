import { type LookupAddress, lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { networkInterfaces } from 'node:os'

/**
 * IPv4 networks without public hosts: IANA's IPv4 special-purpose address registry (RFC 6890), multicast and the reserved class. Cloud
 * metadata services are in 100.64.0.0/10 (Alibaba), 192.0.0.0/24 (Oracle) and 169.254.0.0/16 (most others).
 */
const SPECIAL = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const

/** Public IPv4 addresses of cloud services that only answer the cloud's own machines. */
const CLOUD = [
  // Azure: metadata, keys and DNS ("wire server"), the same in every region.
  ['168.63.129.16', 32],
  // IBM Cloud: the private service network.
  ['161.26.0.0', 16],
  ['166.8.0.0', 14],
  // Equinix Metal: metadata.platformequinix.com and metadata.packet.net.
  ['192.80.8.124', 32],
] as const

const RESERVED = new BlockList()
for (const [net, prefix] of [...SPECIAL, ...CLOUD]) RESERVED.addSubnet(net, prefix, 'ipv4')

/**
 * The IPv6 network of public addresses. All others are loopback, link-local, unique local (such as fd00:ec2::254, a metadata service),
 * multicast, or IPv4 addresses in another form (mapped, NAT64).
 */
const GLOBAL = new BlockList()
GLOBAL.addSubnet('2000::', 3, 'ipv6')
/** Non-public networks within it, from IANA's IPv6 special-purpose registry. 6to4 (2002::/16) and Teredo (in 2001::/23) contain IPv4 addresses. */
const RESERVED_6 = new BlockList()
for (const [net, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
] as const)
  RESERVED_6.addSubnet(net, prefix, 'ipv6')

/** ISATAP (RFC 5214 §6.1): an IPv4 address in the interface identifier of any IPv6 network. */
const ISATAP = /:5efe(:[0-9a-f]{1,4}){2}$/

/** Whether an IP address is public: it does not belong to this machine, a private network or a cloud's internal service. */
export function isPublic(address: string): boolean {
  if (isOwn(address)) return false
  if (isIP(address) === 4) return !RESERVED.check(address, 'ipv4')
  return (
    isIP(address) === 6 &&
    GLOBAL.check(address, 'ipv6') &&
    !RESERVED_6.check(address, 'ipv6') &&
    !ISATAP.test(canonical(address))
  )
}

/** The canonical text form (RFC 5952), which URLs use. */
function canonical(address: string): string {
  const url = `http://[${address}]`
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : address
}

/** Whether this machine has the address. Programs that listen on it may trust callers from the same machine. */
function isOwn(address: string): boolean {
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
  const own = new BlockList()
  for (const each of Object.values(networkInterfaces()).flatMap(all => all ?? []))
    own.addAddress(each.address, each.family === 'IPv4' ? 'ipv4' : 'ipv6')
  return isIP(address) !== 0 && own.check(address, family)
}

/** The IP address in a URL; undefined if the URL has a host name. */
export function literalOf({ hostname }: URL): string | undefined {
  const host = hostname.replace(/^\[|\]$/g, '')
  return isIP(host) ? host : undefined
}

export class PrivateAddressError extends Error {
  constructor(host: string) {
    super(
      `${host} is not a public IP address. WEBHOOK_ALLOW_PRIVATE=on at the start of the server allows it.`,
    )
    this.name = 'PrivateAddressError'
  }
}

/**
 * Resolves a host name for a connection and checks the addresses. The connection uses this result, because a second lookup could return
 * other addresses. If one of several addresses is private, all are refused.
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
