import type { Settings } from './settings.ts'

type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<CamelCase<Tail>>}`
  : Lowercase<Name>

/** Settings that reach the program combined with others. */
type Combined =
  | 'AUTH'
  | 'ALLOW_UNAUTHENTICATED'
  | 'UPLOAD_INFORMATIONAL'
  | `JWT_${string}`
  | `OIDC_${string}`
  | `SPEECH_${string}`
  | `OPENAI_${string}`
  | `TRANSCRIBE_${string}`

/**
 * Every setting, read once from the environment: `DATA_DIR` is `dataDir`, and so on; settings.ts describes each. Sizes are bytes,
 * durations seconds.
 */
export type Config = {
  readonly [Name in keyof Settings as Name extends Combined ? never : CamelCase<Name>]: Settings[Name]
} & {
  readonly auth: AuthConfig
  /** The provider at which people sign in on the page; undefined if they use a key or token. */
  readonly oidc: OidcConfig | undefined
  /** An OpenAI-compatible service. At most one of this and `builtinSpeech` is defined. */
  readonly speechToText: SpeechToTextConfig | undefined
  readonly builtinSpeech: BuiltinSpeechConfig | undefined
  /** Which uploads get 104 responses (IETF draft), which some proxies treat as the final response: all, direct connections, or none. */
  readonly uploadInformational: 'always' | 'direct' | 'never'
}

export type AuthConfig =
  | { readonly kind: 'none' }
  | { readonly kind: 'api_key' }
  | { readonly kind: 'jwt'; readonly jwt: JwtConfig }

export interface JwtConfig {
  readonly algorithm: string
  readonly key: { readonly secret: string } | { readonly jwksUrl: string }
  readonly issuer: string
  readonly audience: string
}

/** A client that is registered at an OpenID provider. */
export interface OidcConfig {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** The URL that clients use for this service, without a trailing slash. */
  readonly publicUrl: string
}

/** The engine on the worker's machine. */
export interface BuiltinSpeechConfig {
  /** A known model, or the absolute path of a directory with one. */
  readonly model: string
  /** Directory with the files of the known model; undefined to download them. */
  readonly modelDir: string | undefined
  /** Address of the server with the files: the hub, or a mirror. */
  readonly modelUrl: string
  /** Whether this engine is only the default. If so, it stays off on a machine with too little memory. */
  readonly isAutomatic: boolean
}

export interface SpeechToTextConfig {
  /** A socket on this machine where the service listens, instead of the address in `baseUrl`. */
  readonly socketPath?: string
  readonly apiKey: string
  readonly baseUrl: string | undefined
  readonly model: string
  /** Longest audio of one request, in seconds; the model's own limit if undefined. */
  readonly maxSeconds: number | undefined
  /** Largest request in bytes; the model's own limit if undefined. */
  readonly maxBytes: number | undefined
  /** Requests at a time, per worker. */
  readonly concurrency: number
  /** Whether to test at the start which features the service supports. */
  readonly check: boolean
  /** Time limit of one request, in seconds. */
  readonly timeout: number
}
