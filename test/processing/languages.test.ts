import t from 'tap'
import { languageCode } from '../../src/processing/speech/languages.ts'

/** Whisper's languages, as its tokenizer names them (openai/whisper, tokenizer.py). */
const WHISPER =
  'en english,zh chinese,de german,es spanish,ru russian,ko korean,fr french,ja japanese,pt portuguese,tr turkish,pl polish,ca catalan,nl dutch,ar arabic,sv swedish,it italian,id indonesian,hi hindi,fi finnish,vi vietnamese,he hebrew,uk ukrainian,el greek,ms malay,cs czech,ro romanian,da danish,hu hungarian,ta tamil,no norwegian,th thai,ur urdu,hr croatian,bg bulgarian,lt lithuanian,la latin,mi maori,ml malayalam,cy welsh,sk slovak,te telugu,fa persian,lv latvian,bn bengali,sr serbian,az azerbaijani,sl slovenian,kn kannada,et estonian,mk macedonian,br breton,eu basque,is icelandic,hy armenian,ne nepali,mn mongolian,bs bosnian,kk kazakh,sq albanian,sw swahili,gl galician,mr marathi,pa punjabi,si sinhala,km khmer,sn shona,yo yoruba,so somali,af afrikaans,oc occitan,ka georgian,be belarusian,tg tajik,sd sindhi,gu gujarati,am amharic,yi yiddish,lo lao,uz uzbek,fo faroese,ht haitian creole,ps pashto,tk turkmen,nn nynorsk,mt maltese,sa sanskrit,lb luxembourgish,my myanmar,bo tibetan,tl tagalog,mg malagasy,as assamese,tt tatar,haw hawaiian,ln lingala,ha hausa,ba bashkir,jv javanese,su sundanese,yue cantonese'

t.test('every language of whisper by its name and by its code', async t => {
  const languages = WHISPER.split(',').map(one => [
    one.slice(0, one.indexOf(' ')),
    one.slice(one.indexOf(' ') + 1),
  ])
  t.equal(languages.length, 100)
  for (const [code, name] of languages) {
    t.equal(languageCode(name), code)
    t.equal(languageCode(` ${name!.toUpperCase()} `), code)
    t.equal(languageCode(code), code)
  }
})

t.test('other forms, and what is no language', async t => {
  const forms: [given: unknown, code: string | null][] = [
    ['pt-BR', 'pt-br'],
    ['zh_CN', 'zh-cn'],
    ['castilian', 'es'],
    ['Spanish; Castilian', 'es'],
    ['deu', 'de'],
    ['jw', 'jv'],
    ['und', null],
    ['unknown', null],
    ['auto', null],
    ['', null],
    ['klingon!', null],
    ['<script>', null],
    [7, null],
    [null, null],
    [undefined, null],
  ]
  for (const [given, code] of forms) t.equal(languageCode(given), code, String(given))
})
