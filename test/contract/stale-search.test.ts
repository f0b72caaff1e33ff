import { sql } from 'kysely'
import t from 'tap'
import { searchVideos } from '../../src/videos/search/search.ts'
