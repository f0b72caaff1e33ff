import { networkInterfaces } from 'node:os'
import t from 'tap'
import { isPublic, literalOf, lookupPublic } from '../../src/net/public-address.ts'
import { failure } from '../support/failure.ts'

const REFUSED = {
  'this network': ['0.0.0.0', '0.1.2.3'],
  'private networks': ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  loopback: ['127.0.0.1', '127.255.0.1', '::1'],
  'link-local, and metadata of most clouds': ['169.254.169.254', '169.254.170.2', '169.254.0.23', 'fe80::1'],
  "carriers' networks, and Alibaba's metadata": ['100.64.0.1', '100.100.100.200', '100.127.255.255'],
  "protocols' addresses, and Oracle's metadata": ['192.0.0.192', '192.0.0.8'],
  'AS112, AMT, 6to4 relays': [
    '192.31.196.1',
    '192.175.48.6',
    '192.52.193.1',
    '192.88.99.1',
    '2620:4f:8000::1',
  ],
  'documentation and benchmarks': ['192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '198.19.255.1'],
  'documentation in IPv6': ['2001:db8::1', '3fff::1'],
  'multicast, reserved, broadcast': ['224.0.0.1', '239.1.2.3', '240.0.0.1', '255.255.255.255', 'ff02::1'],
  "Azure's wire server": ['168.63.129.16'],
  "IBM Cloud's services": ['161.26.0.10', '166.8.0.1', '166.11.255.1'],
  "Equinix Metal's metadata": ['192.80.8.124'],
  'unique local, and metadata of AWS and Google in IPv6': ['fc00::1', 'fd00:ec2::254', 'fd20:ce::254'],
  'IPv4 in other forms': [
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::127.0.0.1',
    '::ffff:0:10.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::a9fe:a9fe',
    '2002:7f00:1::',
    '2002:a9fe:a9fe::1',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
    '2600::5efe:10.0.0.1',
    '2600:1234::200:5efe:a00:1',
  ],
  'discard, ORCHID, segment routing, unspecified': ['100::1', '2001:20::1', '5f00::1', '::'],
  'what is no address': ['', 'localhost', '127.1', '1.2.3.4.5'],
}
const ACCEPTED = ['1.1.1.1', '168.63.129.15', '192.80.8.125', '166.7.1.1', '2606:4700::1111', '2a01:4f8::1']

t.test('addresses that are not on the internet are refused', async t => {
  for (const [kind, addresses] of Object.entries(REFUSED))
    for (const address of addresses) t.notOk(isPublic(address), `${kind}: ${address}`)
  for (const address of ACCEPTED) t.ok(isPublic(address), address)
  for (const each of Object.values(networkInterfaces()).flatMap(all => all ?? []))
    t.notOk(isPublic(each.address), `this machine's own ${each.address}`)
})

t.test('however a URL writes them', async t => {
  for (const host of [
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '[::ffff:7f00:1]',
    '①②⑦.0.0.1',
    '0xA83F8110',
  ])
    t.notOk(isPublic(literalOf(new URL(`http://${host}/`)) ?? ''), host)
})

t.test('a name is looked up and checked at once', async t => {
  const look = (name: string) =>
    new Promise((resolve, reject) => {
      lookupPublic(name, {}, (error, found) => (error ? reject(error) : resolve(found)))
    })
  t.match(await failure(look('localhost')), { name: 'PrivateAddressError' })
})
