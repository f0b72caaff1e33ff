// Without this script the page is complete. It adds a filter, buttons that copy, and this server's address in the examples.
const DEFAULT_SERVER = 'http://127.0.0.1:3000'
/** Time for which a button says that it has copied. */
const SAID_MS = 1500

for (const code of document.querySelectorAll('.examples code')) {
  if (code.textContent.includes(DEFAULT_SERVER))
    code.textContent = code.textContent.replaceAll(DEFAULT_SERVER, location.origin)
}

for (const figure of document.querySelectorAll('.code')) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'copy'
  button.textContent = 'Copy'
  button.setAttribute('aria-label', `Copy: ${figure.querySelector('figcaption').textContent}`)
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(figure.querySelector('code').textContent)
    button.textContent = 'Copied'
    setTimeout(() => {
      button.textContent = 'Copy'
    }, SAID_MS)
  })
  // Copying needs HTTPS, or this machine.
  if (navigator.clipboard) figure.append(button)
}

const narrow = matchMedia('(max-width: 52rem)')
const list = document.querySelector('nav details')
const fold = () => {
  list.open = !narrow.matches
}
fold()
narrow.addEventListener('change', fold)
list.addEventListener('click', event => {
  if (narrow.matches && event.target.closest('a')) list.open = false
})

const filter = document.querySelector('#filter')
const operations = [...document.querySelectorAll('.operation')]
const links = new Map(
  [...document.querySelectorAll('nav li')].map(item => [item.querySelector('a').hash.slice(1), item]),
)
filter.hidden = false
filter.addEventListener('input', () => {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean)
  let found = 0
  for (const operation of operations) {
    const text = operation.querySelector('.about').textContent.toLowerCase()
    const matches = words.every(word => text.includes(word))
    operation.hidden = !matches
    const item = links.get(operation.querySelector('h3').id)
    if (item) item.hidden = !matches
    if (matches) found++
  }
  for (const part of document.querySelectorAll('main .chapter, nav .group'))
    part.hidden = words.length > 0 && !part.querySelector('.operation:not([hidden]), li:not([hidden])')
  document.querySelector('#none').textContent = found === 0 ? 'No operation matches.' : ''
})
document.addEventListener('keydown', event => {
  const isTyping = event.target instanceof HTMLInputElement
  if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault()
    filter.focus()
  }
})
