import t from 'tap'
import { covers, LINK_KINDS, type LinkKind, LinkSigner } from '../../src/access/signed-links.ts'

const OLD = 'o'.repeat(32)
const NEW = 'n'.repeat(32)
const LINK = {
  videoId: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071',
  kind: 'stream',
  expires: 2_000_000_000,
} as const

function signatureOf(secrets: string[]): string {
  return new URLSearchParams(new LinkSigner(secrets).sign(LINK)).get('signature')!
}

t.test('secrets are changed one after the other', async t => {
  const before = signatureOf([OLD])
  const between = new LinkSigner([NEW, OLD])
  t.ok(between.verify(LINK, before))
  t.equal(signatureOf([NEW, OLD]), signatureOf([NEW]), 'the first signs')
  t.notOk(new LinkSigner([NEW]).verify(LINK, before))
})

t.test('nothing of a link can be altered', async t => {
  const signer = new LinkSigner([NEW])
  const signature = signatureOf([NEW])
  t.ok(signer.verify(LINK, signature))
  t.notOk(signer.verify({ ...LINK, videoId: LINK.videoId.replace('0', '1') }, signature))
  t.notOk(signer.verify({ ...LINK, kind: 'source' }, signature))
  t.notOk(signer.verify({ ...LINK, expires: LINK.expires + 1 }, signature))
  for (let at = 0; at < signature.length; at++) {
    for (const other of 'AaBb01_-') {
      if (signature[at] === other) continue
      const altered = signature.slice(0, at) + other + signature.slice(at + 1)
      if (signer.verify(LINK, altered)) t.fail(`${altered} for ${signature}`)
    }
  }
  for (const other of ['', `${signature}=`, `${signature}A`, ` ${signature}`, signature.slice(1), 'ä'])
    t.notOk(signer.verify(LINK, other), other)
})

t.test('a kind opens what it is for', async t => {
  t.ok(covers('embed', 'embed') && covers('embed', 'stream') && covers('embed', 'storyboard'))
  const closed = [
    ['embed', 'source'],
    ['embed', 'events'],
    ['stream', 'source'],
    ['stream', 'embed'],
    ['captions', 'embed'],
  ] as const
  for (const [kind, other] of closed) t.notOk(covers(kind, other), `${kind}: ${other}`)
  for (const kind of Object.keys(LINK_KINDS) as LinkKind[]) t.ok(covers(kind, kind))
})
