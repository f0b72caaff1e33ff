// Made by `npm run api-types` from /openapi.json.

export interface paths {
    "/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin an upload */
        post: operations["createUpload"];
        delete?: never;
        /** What the upload server can do */
        options: operations["getUploadOptions"];
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/uploads/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete an upload, and the video that it has become
         * @description A finished upload is deleted as by `DELETE /videos/{id}`, with the same rights and conditions. A link for one upload deletes it while it is unfinished.
         */
        delete: operations["deleteUpload"];
        options?: never;
        /** How far an upload is */
        head: operations["getUploadOffset"];
        /**
         * Send bytes
         * @description With the last of them the upload becomes a video.
         */
        patch: operations["appendToUpload"];
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Prometheus metrics */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What runs here */
        get: operations["getStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process answers */
        get: operations["getLiveness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether requests can be served */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List videos */
        get: operations["listVideos"];
        put?: never;
        /**
         * Upload a video in one request
         * @description For what must survive a bad network use `/uploads` (tus 1.0.0). A label that is not valid does not keep the video from being uploaded: what is valid of it is kept. Unknown fields are ignored; a second file is refused.
         */
        post: operations["createVideo"];
        /**
         * Delete several videos
         * @description Each of them wholly or not at all; a failure leaves those that are still to come.
         */
        delete: operations["deleteVideos"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/recordings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin a recording
         * @description Its chunks go to `/recordings/{id}/chunks/{n}`, numbered from 0 to 99999, or by tus to the upload of the same id, which has a deferred length. Labels that are not valid are cut or ignored, and so are unknown members.
         */
        post: operations["createRecording"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/recordings/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far a recording is, then its video */
        get: operations["getRecording"];
        put?: never;
        post?: never;
        /**
         * Give a recording up
         * @description While it is in progress. Once it is finished, `DELETE /videos/{id}` removes it.
         */
        delete: operations["deleteRecording"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/recordings/{id}/chunks/{n}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Send a chunk
         * @description In any order, up to 255 numbers and 256 MiB ahead of the first that is missing, several at once, and as often as the network makes it: what came before is not taken twice. 67108864 bytes at most. `Content-Digest` is checked. The answer says that the chunk is safe on disk.
         */
        put: operations["putChunk"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/recordings/{id}/chunks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a chunk as a form
         * @description Like PUT, with the number in the field `index`. With `is_final` it is the last, and closes the recording.
         */
        post: operations["postChunk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/recordings/{id}/finalize": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close a recording
         * @description It becomes a video. Also as a form with the last chunk in `chunk` and its number in `index`. Once more has no effect.
         */
        post: operations["finalizeRecording"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One video
         * @description The entity tag is for If-None-Match, and for If-Match of a change: that holds as long as no person has changed the video, however far its processing is.
         */
        get: operations["getVideo"];
        /**
         * Change title, description, tags, language or transcript
         * @description What is not given stays as it is. With If-Match and the ETag that the video was read with, nobody else's changes are overwritten.
         */
        put: operations["putVideo"];
        post?: never;
        /**
         * Delete a video
         * @description Its bytes, artifacts and pending work go with it.
         */
        delete: operations["deleteVideo"];
        options?: never;
        head?: never;
        /**
         * Change title, description, tags, language or transcript
         * @description What is not given stays as it is. With If-Match and the ETag that the video was read with, nobody else's changes are overwritten.
         */
        patch: operations["patchVideo"];
        trace?: never;
    };
    "/videos/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run failed steps again
         * @description Also those that were skipped because a step before failed or a setting was missing. Does nothing where there are none. With `step` that one alone, also where it is done; what it made before stays until it is done again.
         */
        post: operations["retryVideo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Play the video */
        get: operations["getStream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/source": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download what was uploaded */
        get: operations["getSource"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/audio": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download the audio */
        get: operations["getAudio"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/poster": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show the poster */
        get: operations["getPoster"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/poster/small": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show the poster in the size of a list */
        get: operations["getSmallPoster"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/storyboard.jpg": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Thumbnails for the seek bar, on one sheet */
        get: operations["getStoryboard"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/storyboard.vtt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where each thumbnail lies on the sheet, as WebVTT */
        get: operations["getStoryboardCues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/peaks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The waveform, in the JSON format of BBC's audiowaveform */
        get: operations["getPeaks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/embed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A page with the player, to be framed
         * @description `<iframe src="…/embed" allow="fullscreen">`, by a signed link of the kind `embed` where keys are asked for.
         */
        get: operations["getEmbed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign links
         * @description For `<video>`, `<img>`, `<iframe>` and `EventSource`, which send no key: whoever has such a link can GET what it is for until it expires. A link of the kind `embed` opens the page with the player and what that loads.
         */
        post: operations["createLinks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/uploads/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a link for one upload
         * @description For a browser or an app that has no key: one upload can be begun at `url`, by tus or by the IETF draft, until it expires; its Location is a link likewise, which that upload can be sent, asked for and given up by, as long as it stands.
         */
        post: operations["createUploadLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/transcript": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The transcript with times
         * @description A person’s latest revision, else the latest.
         */
        get: operations["getTranscript"];
        /**
         * Replace the transcript by a new revision
         * @description No machine replaces what a person wrote.
         */
        put: operations["replaceTranscript"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/transcript/revisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All revisions of the transcript, the latest first */
        get: operations["listRevisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/transcript/revisions/{revision}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One revision of the transcript */
        get: operations["getRevision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/transcript/revisions/{revision}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make an earlier revision the latest again
         * @description Adds a copy of it, as a person’s revision.
         */
        post: operations["restoreRevision"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/captions.vtt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Captions as WebVTT */
        get: operations["getCaptionsVtt"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/captions.srt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Captions as SubRip */
        get: operations["getCaptionsSrt"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/transcript.txt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The transcript as plain text */
        get: operations["getTranscriptText"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/captions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All captions: of the transcript, and the subtitles in the file
         * @description By a signed link of the kind `captions`, the links in the answer are signed as well.
         */
        get: operations["listCaptions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/captions/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A subtitle of the file, as WebVTT or SubRip */
        get: operations["getCaptions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/chapters.vtt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The chapters of the file, as WebVTT */
        get: operations["getChapters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/videos/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow a video
         * @description Server-sent events: `video` with the whole video at connect and after each change, `deleted` when it is gone. With `Last-Event-ID` the first comes only where the video has changed since.
         */
        get: operations["followVideo"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All webhooks */
        get: operations["listWebhooks"];
        put?: never;
        /**
         * Have an address told of events
         * @description By POST of `{"type", "timestamp", "data": {"video_id"}}`, signed in the form of Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`), at least once. What is not answered by 2xx is repeated for a day; 410 ends it.
         */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One webhook */
        get: operations["getWebhook"];
        put?: never;
        post?: never;
        /** Delete a webhook, and its log */
        delete: operations["deleteWebhook"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/{id}/secrets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A new secret
         * @description For a day the one before signs too: `webhook-signature` has both signatures.
         */
        post: operations["createWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a webhook was told
         * @description The latest first, for a week.
         */
        get: operations["listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/webhooks/{id}/deliveries/{delivery}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tell a webhook once more */
        post: operations["replayDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the service is there */
        get: operations["oldStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/videos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List all videos, the newest first */
        get: operations["oldListVideos"];
        put?: never;
        /**
         * Upload a video in one request
         * @description As a form, or as JSON with the file as base64 (a `data:` URL too), in the field `video` or `video_binary`. For unreliable networks use `/uploads` (tus 1.0.0).
         */
        post: operations["oldCreateVideo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/videos/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One video */
        get: operations["oldGetVideo"];
        /**
         * Replace the transcript
         * @description As JSON, an urlencoded form or a multipart form. `title` and `description` can be changed too.
         */
        put: operations["oldUpdateVideo"];
        post?: never;
        /** Delete a video */
        delete: operations["oldDeleteVideo"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/videos/{id}/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Play a video */
        get: operations["oldStreamVideo"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/start-recording": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin a recording */
        post: operations["oldStartRecording"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/receive-video-chunk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send the next chunk */
        post: operations["oldReceiveChunk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/finalize-recording": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send the last chunk and close the recording
         * @description Without `is_final` the chunk is simply the next one, and nothing is closed.
         */
        post: operations["oldFinalizeRecording"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/get-recorded-data/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A recording, and what was made of it */
        get: operations["oldGetRecordedData"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            /** @example about:blank */
            type: string;
            /** @example Not Found */
            title: string;
            /** @example 404 */
            status: number;
            /**
             * @description Stable name of the problem.
             * @example not_found
             */
            code: string;
            /** @example The video was not found. */
            detail: string;
            /**
             * @description The input that is at fault.
             * @example title
             */
            field?: string;
            /** @description What is wrong with a JSON body, and where: `pointer` is a JSON Pointer (RFC 6901). */
            errors?: {
                /** @example /title */
                pointer: string;
                /** @example must be string */
                detail: string;
            }[];
            /**
             * @description For 404: the step of processing that makes what is absent.
             * @enum {string}
             */
            step?: "probe" | "playback" | "poster" | "audio" | "transcribe";
            /**
             * @description For 404: why that step was skipped, or the code of its error; null while it is not done yet.
             * @example no_audio
             */
            reason?: string | null;
            /** @description Finds the request in the log. */
            request_id?: string;
        };
        Video: {
            /**
             * Format: uuid
             * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
             */
            id: string;
            /** @example Team meeting */
            title: string;
            description: string;
            /** @enum {string} */
            status: "processing" | "ready" | "failed";
            /** @description Why the source cannot be used at all. */
            error: {
                /**
                 * @example unsupported_media
                 * @enum {string}
                 */
                code: "unsupported_media" | "source_missing" | "source_damaged" | "undecodable" | "unsupported_codec" | "rendition_differs" | "too_much" | "killed" | "stalled" | "worker_lost" | "storage_full" | "storage_unusable" | "out_of_memory" | "out_of_processes" | "database_unavailable" | "sandbox_failed" | "ffmpeg_missing" | "ffmpeg_broken" | "audio_missing" | "speech_to_text_misconfigured" | "speech_to_text_refused" | "speech_to_text_unavailable" | "internal";
                /** @example The file is not a video or audio file that can be read. */
                message: string;
            } | null;
            /** @description Whether it is a recording of which pieces, or the end, never came. */
            incomplete: boolean;
            /** @example meeting.mp4 */
            filename: string | null;
            /**
             * @description Recognised from the bytes.
             * @example video/mp4
             */
            content_type: string | null;
            /** @example en */
            language: string | null;
            /**
             * @example [
             *       "team",
             *       "weekly"
             *     ]
             */
            tags: string[];
            /**
             * @description Bytes.
             * @example 1048576
             */
            size: number;
            /** @description Of the source, in hex. */
            sha256: string | null;
            /**
             * @description Seconds, by what is in the file.
             * @example 61.5
             */
            duration: number | null;
            /**
             * @description Seconds that the file declares, if it ends early; else null.
             * @example 36
             */
            declared_duration: number | null;
            /**
             * @description Pixels as displayed.
             * @example 1920
             */
            width: number | null;
            /**
             * @description Pixels as displayed.
             * @example 1080
             */
            height: number | null;
            /**
             * @description Degrees clockwise by which the picture in the source is turned for display.
             * @example 90
             */
            rotation: number | null;
            /**
             * @description Pictures a second, on average.
             * @example 29.97
             */
            frame_rate: number | null;
            /**
             * @description Bits a second, on average.
             * @example 4500000
             */
            bit_rate: number | null;
            /**
             * @description Recognised from the bytes.
             * @example mp4
             */
            container: string | null;
            /** @example h264 */
            video_codec: string | null;
            /** @example aac */
            audio_codec: string | null;
            /** @description All tracks of the source, in its order. */
            streams: {
                /** @description Of the track in the file, from 0. */
                index: number | null;
                /**
                 * @description An `image` is a cover or another still.
                 * @enum {string}
                 */
                kind: "video" | "audio" | "subtitle" | "image" | "attachment" | "data";
                /** @example h264 */
                codec: string;
                /** @description Whether the service decodes the codec. */
                supported: boolean;
                /**
                 * @description As the file tells.
                 * @example eng
                 */
                language: string | null;
                /** @example Commentary */
                title: string | null;
                default: boolean;
                /** @description Whether a subtitle is to be shown to everybody. */
                forced: boolean;
                /** @description Whether it is the picture or the sound that `stream` plays. */
                selected: boolean;
                /** @description Whether an edit list leaves out a part of the track. The source of a trimmed video is a download only: `stream` never serves it. Null for videos of older versions. */
                trimmed: boolean | null;
                /** @description Whether it is transcribed: the selected sound, mixed with the tracks of further microphones. */
                transcribed: boolean;
                /** @example 8 */
                dolby_vision_profile: number | null;
                /** @example High */
                profile: string | null;
                /** @example yuv420p */
                pixel_format: string | null;
                width: number | null;
                height: number | null;
                frame_rate: number | null;
                channels: number | null;
                /** @description Samples a second. */
                sample_rate: number | null;
                /** @description Bits a second. */
                bit_rate: number | null;
            }[];
            /** @description Parts of the video that have a name, as the file tells; times are seconds. */
            chapters: {
                /** @example 0 */
                start: number;
                /** @example 61.5 */
                end: number;
                /** @example Introduction */
                title: string;
            }[];
            /**
             * @description What `stream` serves: the `source` as it is, its streams in another container (`remux`), or encoded anew (`transcode`); null until that is decided.
             * @enum {string|null}
             */
            playback: "source" | "remux" | "transcode" | null;
            steps: {
                /** @enum {string} */
                name: "probe" | "playback" | "poster" | "audio" | "transcribe";
                /** @enum {string} */
                state: "pending" | "running" | "done" | "skipped" | "failed";
                /** @description Percent. */
                progress: number;
                attempts: number;
                /**
                 * @description Why the step was skipped; `…_failed` names the step that it waited for. `partial` if it is done but for a part that failed.
                 * @enum {string|null}
                 */
                reason: "no_audio" | "no_video" | "silent" | "too_short" | "not_configured" | "probe_failed" | "playback_failed" | "poster_failed" | "audio_failed" | "transcribe_failed" | "partial" | null;
                /** @description Of the last attempt. */
                error: {
                    /**
                     * @example unsupported_media
                     * @enum {string}
                     */
                    code: "unsupported_media" | "source_missing" | "source_damaged" | "undecodable" | "unsupported_codec" | "rendition_differs" | "too_much" | "killed" | "stalled" | "worker_lost" | "storage_full" | "storage_unusable" | "out_of_memory" | "out_of_processes" | "database_unavailable" | "sandbox_failed" | "ffmpeg_missing" | "ffmpeg_broken" | "audio_missing" | "speech_to_text_misconfigured" | "speech_to_text_refused" | "speech_to_text_unavailable" | "internal";
                    /** @example The file is not a video or audio file that can be read. */
                    message: string;
                } | null;
                /** Format: date-time */
                started_at: string | null;
                /** Format: date-time */
                finished_at: string | null;
            }[];
            /** @description What the steps found out about the file that its owner should know, such as damage. */
            notes: {
                /** @enum {string} */
                step: "probe" | "playback" | "poster" | "audio" | "transcribe";
                /** @example ends_early */
                code: string;
                /** @example The file ends early: it declares 36 s, and 2 s are there. */
                message: string;
            }[];
            /**
             * @description Seconds of audio that were sent to the speech-to-text service; what failed and was sent again counts again.
             * @example 61.5
             */
            speech_seconds_sent: number;
            /** @example Good morning everybody. */
            transcript: string | null;
            /** @description Null where there is no such thing (yet). */
            links: {
                self: string;
                stream: string;
                source: string;
                audio: string | null;
                peaks: string | null;
                poster: string | null;
                /** @description The poster, 480 pixels wide at most. The address changes with its bytes, so that caches can keep it. */
                poster_small: string | null;
                storyboard: string | null;
                storyboard_vtt: string | null;
                transcript: string | null;
                transcript_txt: string | null;
                captions: string;
                chapters_vtt: string | null;
                captions_vtt: string | null;
                captions_srt: string | null;
                embed: string;
                events: string;
            };
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            updated_at: string;
        };
        ListedVideo: {
            /**
             * Format: uuid
             * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
             */
            id: string;
            /** @example Team meeting */
            title: string;
            description: string;
            /** @enum {string} */
            status: "processing" | "ready" | "failed";
            /** @description Why the source cannot be used at all. */
            error: {
                /**
                 * @example unsupported_media
                 * @enum {string}
                 */
                code: "unsupported_media" | "source_missing" | "source_damaged" | "undecodable" | "unsupported_codec" | "rendition_differs" | "too_much" | "killed" | "stalled" | "worker_lost" | "storage_full" | "storage_unusable" | "out_of_memory" | "out_of_processes" | "database_unavailable" | "sandbox_failed" | "ffmpeg_missing" | "ffmpeg_broken" | "audio_missing" | "speech_to_text_misconfigured" | "speech_to_text_refused" | "speech_to_text_unavailable" | "internal";
                /** @example The file is not a video or audio file that can be read. */
                message: string;
            } | null;
            /** @description Whether it is a recording of which pieces, or the end, never came. */
            incomplete: boolean;
            /** @example meeting.mp4 */
            filename: string | null;
            /**
             * @description Recognised from the bytes.
             * @example video/mp4
             */
            content_type: string | null;
            /** @example en */
            language: string | null;
            /**
             * @example [
             *       "team",
             *       "weekly"
             *     ]
             */
            tags: string[];
            /**
             * @description Bytes.
             * @example 1048576
             */
            size: number;
            /** @description Of the source, in hex. */
            sha256: string | null;
            /**
             * @description Seconds, by what is in the file.
             * @example 61.5
             */
            duration: number | null;
            /**
             * @description Seconds that the file declares, if it ends early; else null.
             * @example 36
             */
            declared_duration: number | null;
            /**
             * @description Pixels as displayed.
             * @example 1920
             */
            width: number | null;
            /**
             * @description Pixels as displayed.
             * @example 1080
             */
            height: number | null;
            /**
             * @description Degrees clockwise by which the picture in the source is turned for display.
             * @example 90
             */
            rotation: number | null;
            /**
             * @description Pictures a second, on average.
             * @example 29.97
             */
            frame_rate: number | null;
            /**
             * @description Bits a second, on average.
             * @example 4500000
             */
            bit_rate: number | null;
            /**
             * @description Recognised from the bytes.
             * @example mp4
             */
            container: string | null;
            /** @example h264 */
            video_codec: string | null;
            /** @example aac */
            audio_codec: string | null;
            /** @description All tracks of the source, in its order. */
            streams: {
                /** @description Of the track in the file, from 0. */
                index: number | null;
                /**
                 * @description An `image` is a cover or another still.
                 * @enum {string}
                 */
                kind: "video" | "audio" | "subtitle" | "image" | "attachment" | "data";
                /** @example h264 */
                codec: string;
                /** @description Whether the service decodes the codec. */
                supported: boolean;
                /**
                 * @description As the file tells.
                 * @example eng
                 */
                language: string | null;
                /** @example Commentary */
                title: string | null;
                default: boolean;
                /** @description Whether a subtitle is to be shown to everybody. */
                forced: boolean;
                /** @description Whether it is the picture or the sound that `stream` plays. */
                selected: boolean;
                /** @description Whether an edit list leaves out a part of the track. The source of a trimmed video is a download only: `stream` never serves it. Null for videos of older versions. */
                trimmed: boolean | null;
                /** @description Whether it is transcribed: the selected sound, mixed with the tracks of further microphones. */
                transcribed: boolean;
                /** @example 8 */
                dolby_vision_profile: number | null;
                /** @example High */
                profile: string | null;
                /** @example yuv420p */
                pixel_format: string | null;
                width: number | null;
                height: number | null;
                frame_rate: number | null;
                channels: number | null;
                /** @description Samples a second. */
                sample_rate: number | null;
                /** @description Bits a second. */
                bit_rate: number | null;
            }[];
            /** @description Parts of the video that have a name, as the file tells; times are seconds. */
            chapters: {
                /** @example 0 */
                start: number;
                /** @example 61.5 */
                end: number;
                /** @example Introduction */
                title: string;
            }[];
            /**
             * @description What `stream` serves: the `source` as it is, its streams in another container (`remux`), or encoded anew (`transcode`); null until that is decided.
             * @enum {string|null}
             */
            playback: "source" | "remux" | "transcode" | null;
            steps: {
                /** @enum {string} */
                name: "probe" | "playback" | "poster" | "audio" | "transcribe";
                /** @enum {string} */
                state: "pending" | "running" | "done" | "skipped" | "failed";
                /** @description Percent. */
                progress: number;
                attempts: number;
                /**
                 * @description Why the step was skipped; `…_failed` names the step that it waited for. `partial` if it is done but for a part that failed.
                 * @enum {string|null}
                 */
                reason: "no_audio" | "no_video" | "silent" | "too_short" | "not_configured" | "probe_failed" | "playback_failed" | "poster_failed" | "audio_failed" | "transcribe_failed" | "partial" | null;
                /** @description Of the last attempt. */
                error: {
                    /**
                     * @example unsupported_media
                     * @enum {string}
                     */
                    code: "unsupported_media" | "source_missing" | "source_damaged" | "undecodable" | "unsupported_codec" | "rendition_differs" | "too_much" | "killed" | "stalled" | "worker_lost" | "storage_full" | "storage_unusable" | "out_of_memory" | "out_of_processes" | "database_unavailable" | "sandbox_failed" | "ffmpeg_missing" | "ffmpeg_broken" | "audio_missing" | "speech_to_text_misconfigured" | "speech_to_text_refused" | "speech_to_text_unavailable" | "internal";
                    /** @example The file is not a video or audio file that can be read. */
                    message: string;
                } | null;
                /** Format: date-time */
                started_at: string | null;
                /** Format: date-time */
                finished_at: string | null;
            }[];
            /** @description What the steps found out about the file that its owner should know, such as damage. */
            notes: {
                /** @enum {string} */
                step: "probe" | "playback" | "poster" | "audio" | "transcribe";
                /** @example ends_early */
                code: string;
                /** @example The file ends early: it declares 36 s, and 2 s are there. */
                message: string;
            }[];
            /**
             * @description Seconds of audio that were sent to the speech-to-text service; what failed and was sent again counts again.
             * @example 61.5
             */
            speech_seconds_sent: number;
            /** @example Good morning everybody. */
            transcript: string | null;
            /** @description Null where there is no such thing (yet). */
            links: {
                self: string;
                stream: string;
                source: string;
                audio: string | null;
                peaks: string | null;
                poster: string | null;
                /** @description The poster, 480 pixels wide at most. The address changes with its bytes, so that caches can keep it. */
                poster_small: string | null;
                storyboard: string | null;
                storyboard_vtt: string | null;
                transcript: string | null;
                transcript_txt: string | null;
                captions: string;
                chapters_vtt: string | null;
                captions_vtt: string | null;
                captions_srt: string | null;
                embed: string;
                events: string;
            };
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-01-31T12:00:00.000Z
             */
            updated_at: string;
            /** @description Where the words of `q` are said, up to five in the order of time; null without `q`. */
            moments: {
                /**
                 * @description Seconds.
                 * @example 12.3
                 */
                start: number;
                /**
                 * @description Seconds.
                 * @example 15
                 */
                end: number;
                /** @description What is said there, as plain text in pieces; `hit` marks what was looked for. */
                snippet: {
                    text: string;
                    hit: boolean;
                }[];
                /** @description Plays from there (Media Fragments). */
                link: string;
            }[] | null;
        };
        Deletions: {
            results: {
                /** Format: uuid */
                id: string;
                /** @enum {string} */
                result: "deleted" | "not_found";
            }[];
        };
        Revision: {
            /** Format: uuid */
            video_id: string;
            /** @description Grows with every edit and every run of a model. */
            revision: number;
            /** @enum {string} */
            origin: "machine" | "person";
            /** @example en */
            language: string | null;
            /** @example whisper-1 */
            model: string | null;
            /** @description How the model was asked. */
            options: {
                language?: string | null;
                /** @example verbose_json */
                response_format?: string;
                timestamp_granularities?: string[];
            } | null;
            /** @description Of the source that was heard, in hex. */
            source_sha256: string | null;
            /** @description Whether parts of the audio are missing: see `gaps`. */
            partial: boolean;
            /**
             * @description The part of the audio that is speech, 0 to 1.
             * @example 0.82
             */
            speech_share: number | null;
            /** @description The revision that this one repeats. */
            restored_from: number | null;
            /** Format: date-time */
            created_at: string;
        };
        Transcript: {
            /** Format: uuid */
            video_id: string;
            /** @description Grows with every edit and every run of a model. */
            revision: number;
            /** @enum {string} */
            origin: "machine" | "person";
            /** @example en */
            language: string | null;
            /** @example whisper-1 */
            model: string | null;
            /** @description How the model was asked. */
            options: {
                language?: string | null;
                /** @example verbose_json */
                response_format?: string;
                timestamp_granularities?: string[];
            } | null;
            /** @description Of the source that was heard, in hex. */
            source_sha256: string | null;
            /** @description Whether parts of the audio are missing: see `gaps`. */
            partial: boolean;
            /**
             * @description The part of the audio that is speech, 0 to 1.
             * @example 0.82
             */
            speech_share: number | null;
            /** @description The revision that this one repeats. */
            restored_from: number | null;
            /** Format: date-time */
            created_at: string;
            text: string;
            segments: {
                /**
                 * @description Seconds.
                 * @example 1.2
                 */
                start: number;
                /**
                 * @description Seconds.
                 * @example 3.4
                 */
                end: number;
                /** @example Good morning everybody. */
                text: string;
                /**
                 * @description Absent where nobody said who speaks.
                 * @example Ann
                 */
                speaker?: string;
                /** @description The words of the text with their times, where the model told them; times of edited words are estimates. */
                words?: {
                    /**
                     * @description Seconds.
                     * @example 1.2
                     */
                    start: number;
                    /**
                     * @description Seconds.
                     * @example 3.4
                     */
                    end: number;
                    /** @example Good */
                    text: string;
                }[];
            }[];
            /** @description Stretches of which nothing was heard, because their requests failed; a retry of the video fills them. */
            gaps: {
                /**
                 * @description Seconds.
                 * @example 1.2
                 */
                start: number;
                /**
                 * @description Seconds.
                 * @example 3.4
                 */
                end: number;
                code: string;
                message: string;
            }[];
            /** @description Text that the model gave and that was most likely not said. */
            dropped: {
                /**
                 * @description Seconds.
                 * @example 1.2
                 */
                start: number;
                /**
                 * @description Seconds.
                 * @example 3.4
                 */
                end: number;
                text: string;
                /** @enum {string} */
                reason: "silence" | "no_speech" | "repetition";
            }[];
        };
        Recording: {
            /**
             * Format: uuid
             * @description Also the id of its upload, and of the video that it becomes.
             */
            id: string;
            /**
             * @description `closing` is being made a video of, `finished` is one.
             * @enum {string}
             */
            status: "recording" | "closing" | "finished";
            /** @example video/webm;codecs=vp8,opus */
            type: string | null;
            /** @description Number of the first chunk that is missing: where to go on. */
            next: number;
            /** @description Numbers below the highest that came, 256 of them at most; of a finished recording those that never came. */
            missing: number[];
            /** @description All that are safe. */
            bytes: number;
            /** @description Bytes in front of the first missing chunk: the `Upload-Offset` of the same upload. */
            offset: number;
            /** @description Bytes. */
            max_chunk_size: number;
            /** @description Whether it was closed with gaps, or abandoned. */
            incomplete: boolean;
            /**
             * Format: date-time
             * @description When it is taken for abandoned; each chunk moves that on.
             */
            expires_at: string | null;
            links: {
                self: string;
                /** @description For chunk n put its number in place of `{n}`. */
                chunks: string;
                finalize: string;
                /** @description The same upload, for tus. */
                upload: string;
                video: string | null;
            };
            video: components["schemas"]["Video"] | null;
        };
        OldVideo: {
            /** @example 17 */
            id: string | number;
            /** @example Team meeting */
            title: string;
            description: string;
            /** @example /api/videos/17/stream/ */
            video_url: string;
            transcript: string | null;
            /** Format: date-time */
            last_played: string | null;
            /** Format: date-time */
            created_at: string;
        };
        Webhook: {
            /** Format: uuid */
            id: string;
            /** @example https://example.com/longtake */
            url: string;
            events: ("video.uploaded" | "video.probed" | "video.audio_extracted" | "video.transcribed" | "video.ready" | "video.failed" | "video.deleted")[];
            /**
             * Format: date-time
             * @description Since it answered 410.
             */
            disabled_at: string | null;
            /** Format: date-time */
            created_at: string;
        };
        WebhookWithSecret: {
            /** Format: uuid */
            id: string;
            /** @example https://example.com/longtake */
            url: string;
            events: ("video.uploaded" | "video.probed" | "video.audio_extracted" | "video.transcribed" | "video.ready" | "video.failed" | "video.deleted")[];
            /**
             * Format: date-time
             * @description Since it answered 410.
             */
            disabled_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** @description Verifies what the webhook is sent (standardwebhooks.com). It is not shown again. */
            secret: string;
        };
        WebhookDelivery: {
            /** Format: uuid */
            id: string;
            /**
             * Format: uuid
             * @description The `webhook-id` of all its attempts.
             */
            event_id: string;
            /** @enum {string} */
            type: "video.uploaded" | "video.probed" | "video.audio_extracted" | "video.transcribed" | "video.ready" | "video.failed" | "video.deleted";
            /** Format: uuid */
            video_id: string;
            /** Format: date-time */
            time: string;
            /** @enum {string} */
            state: "pending" | "delivered" | "failed";
            attempts: number;
            /** Format: date-time */
            attempted_at: string | null;
            /** Format: date-time */
            next_attempt_at: string | null;
            response_status: number | null;
            /** @description Its first 1024 bytes. */
            response_body: string | null;
            error: string | null;
        };
    };
    responses: {
        /** @description It is not known who asks: a key or token is missing, or not good. */
        Problem401: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The key, token or link is not for this. */
        Problem403: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many requests, or unfinished uploads. */
        Problem429: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request is malformed; `field` names the input. */
        Problem400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It is not in a state for that, or the same is being done right now. */
        Problem409: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The file is larger than the server takes. */
        Problem413: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is of another type. */
        Problem415: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The Idempotency-Key was used for another request. */
        Problem422: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The server has no room left. */
        Problem507: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such video, or it lacks this. With the code `not_ready` it is still being made: ask again after `Retry-After` seconds. */
        Problem404: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It is over: nobody went on with it in time. */
        Problem410: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Somebody else is writing to it: try again. */
        Problem423: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It is not, or no longer, what If-Match or another condition says. */
        Problem412: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The range lies outside of the content. */
        Problem416: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not now: try again later. */
        Problem503: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    createUpload: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The version of the protocol.
                 * @example 1.0.0
                 */
                "Tus-Resumable": string;
                /**
                 * @description Bytes of the file.
                 * @example 104857600
                 */
                "Upload-Length"?: string;
                /**
                 * @description In place of the length where that is told later.
                 * @example 1
                 */
                "Upload-Defer-Length"?: string;
                /**
                 * @description Pairs of a key and its value in base64: `filename`, `filetype`, `title`, `description`, `language`, `tags`. A label that is not valid does not keep the upload from being created: what is valid of it is kept, and HEAD repeats that. `PATCH /videos/{id}` refuses such a label instead.
                 * @example filename bWVldGluZy5tcDQ=,title VGVhbSBtZWV0aW5n
                 */
                "Upload-Metadata"?: string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description The first bytes, where they come along. */
        requestBody?: {
            content: {
                "application/offset+octet-stream": Blob;
            };
        };
        responses: {
            /** @description It can be sent to. */
            201: {
                headers: {
                    /**
                     * @description Where to.
                     * @example /uploads/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                     */
                    Location?: string;
                    /**
                     * @description Bytes that are safe on the server.
                     * @example 1048576
                     */
                    "Upload-Offset"?: string;
                    /**
                     * @description When an upload that nobody feeds is removed.
                     * @example Sat, 31 Jan 2026 12:00:00 GMT
                     */
                    "Upload-Expires"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A header is malformed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description Another version of the protocol. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description Larger than the server takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            429: components["responses"]["Problem429"];
            /** @description The server has no room left. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    getUploadOptions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Versions, extensions and limits. */
            200: {
                headers: {
                    /**
                     * @description Versions of the protocol.
                     * @example 1.0.0
                     */
                    "Tus-Version"?: string;
                    /**
                     * @description Extensions of the protocol.
                     * @example creation,termination,expiration
                     */
                    "Tus-Extension"?: string;
                    /**
                     * @description Bytes that an upload may have.
                     * @example 53687091200
                     */
                    "Tus-Max-Size"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    deleteUpload: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The version of the protocol.
                 * @example 1.0.0
                 */
                "Tus-Resumable": string;
            };
            path: {
                /** @description The id of the upload, and of the video that it becomes. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The upload is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description There is no such upload, or no longer. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description Another version of the protocol, or the video is not what If-Match says. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            429: components["responses"]["Problem429"];
        };
    };
    getUploadOffset: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The version of the protocol.
                 * @example 1.0.0
                 */
                "Tus-Resumable": string;
            };
            path: {
                /** @description The id of the upload, and of the video that it becomes. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Go on at the offset. */
            200: {
                headers: {
                    /**
                     * @description Bytes that are safe on the server.
                     * @example 1048576
                     */
                    "Upload-Offset"?: string;
                    /**
                     * @description Bytes of the file.
                     * @example 104857600
                     */
                    "Upload-Length"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description There is no such upload, or no longer. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Try again. */
            423: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            429: components["responses"]["Problem429"];
        };
    };
    appendToUpload: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The version of the protocol.
                 * @example 1.0.0
                 */
                "Tus-Resumable": string;
                /**
                 * @description Where the bytes belong: the offset that the server has named.
                 * @example 1048576
                 */
                "Upload-Offset": string;
                /**
                 * @description Bytes of the file, where that was not told before.
                 * @example 104857600
                 */
                "Upload-Length"?: string;
            };
            path: {
                /** @description The id of the upload, and of the video that it becomes. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/offset+octet-stream": Blob;
            };
        };
        responses: {
            /** @description They are safe. */
            204: {
                headers: {
                    /**
                     * @description Bytes that are safe on the server.
                     * @example 1048576
                     */
                    "Upload-Offset"?: string;
                    /**
                     * @description When an upload that nobody feeds is removed.
                     * @example Sat, 31 Jan 2026 12:00:00 GMT
                     */
                    "Upload-Expires"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A header is malformed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            /** @description There is no such upload, or no longer. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description The upload is at another offset. */
            409: {
                headers: {
                    /**
                     * @description Bytes that are safe on the server.
                     * @example 1048576
                     */
                    "Upload-Offset"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description More bytes than were announced. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description Another request is writing to it: try again. */
            423: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            429: components["responses"]["Problem429"];
            /** @description The server has no room left: what it has is kept. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The metrics. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
        };
    };
    getStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ok";
                        version: string;
                        /** @enum {string} */
                        database: "embedded" | "postgresql";
                        /** @enum {string} */
                        queue: "embedded" | "jetstream";
                        /** @description The model, null where none is configured. */
                        speech_to_text: string | null;
                    };
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
        };
    };
    getLiveness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "live";
                    };
                };
            };
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ready" | "degraded" | "unavailable";
                        checks: {
                            database: {
                                /** @enum {string} */
                                status: "up" | "down";
                                detail?: string;
                            };
                            storage: {
                                /** @enum {string} */
                                status: "up" | "down";
                                detail?: string;
                            };
                            queue: {
                                /** @enum {string} */
                                status: "up" | "down";
                                detail?: string;
                            };
                            /** @description Down while the uploaded file of a video is missing. */
                            sources: {
                                /** @enum {string} */
                                status: "up" | "down";
                                detail?: string;
                            };
                            /** @description Where one is configured: down while transcription is paused. */
                            speech_to_text?: {
                                /** @enum {string} */
                                status: "up" | "down";
                                detail?: string;
                            };
                            /** @description Down while steps wait because of a fault of a machine that runs workers, such as a full disk. */
                            processing?: {
                                /** @enum {string} */
                                status: "up" | "down";
                                detail?: string;
                            };
                        };
                        /** @description Where this process has a worker: what media programs are confined by, and what this system does not offer for it. */
                        sandbox?: {
                            present: string[];
                            missing: string[];
                        };
                    };
                };
            };
            /** @description It cannot be used now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ready" | "degraded" | "unavailable";
                        checks: {
                            database: {
                                /** @enum {string} */
                                status: "up" | "down";
                                detail?: string;
                            };
                            storage: {
                                /** @enum {string} */
                                status: "up" | "down";
                                detail?: string;
                            };
                            queue: {
                                /** @enum {string} */
                                status: "up" | "down";
                                detail?: string;
                            };
                            /** @description Down while the uploaded file of a video is missing. */
                            sources: {
                                /** @enum {string} */
                                status: "up" | "down";
                                detail?: string;
                            };
                            /** @description Where one is configured: down while transcription is paused. */
                            speech_to_text?: {
                                /** @enum {string} */
                                status: "up" | "down";
                                detail?: string;
                            };
                            /** @description Down while steps wait because of a fault of a machine that runs workers, such as a full disk. */
                            processing?: {
                                /** @enum {string} */
                                status: "up" | "down";
                                detail?: string;
                            };
                        };
                        /** @description Where this process has a worker: what media programs are confined by, and what this system does not offer for it. */
                        sandbox?: {
                            present: string[];
                            missing: string[];
                        };
                    };
                };
            };
        };
    };
    listVideos: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `next_cursor` of the page before. */
                cursor?: string;
                /** @description With `-` the largest or latest first. Without it what `q` finds comes best first, and everything else latest first. */
                sort?: "created_at" | "-created_at" | "title" | "-title" | "size" | "-size" | "duration" | "-duration";
                /** @description False leaves the text of what was said out: `transcript` is null then. A page of long talks weighs megabytes with it. */
                transcript?: boolean;
                status?: "processing" | "ready" | "failed";
                /** @description Videos that have this tag. */
                tag?: string;
                /** @example 2026-01-31T12:00:00Z */
                created_after?: string;
                /** @example 2026-01-31T12:00:00Z */
                created_before?: string;
                /** @description Words in title, description and what was said, that all have to be there: `"a phrase"`, `-without`, `or`, `begin*` (three letters at least). Words with the same stem count too, by the language of the video. Of more than 400 videos that match, the newest 400 are found, and 200 more by title and description. */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ListedVideo"][];
                        /** @description For the next page; null at the end. */
                        next_cursor: string | null;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
        };
    };
    createVideo: {
        parameters: {
            query?: never;
            header?: {
                /** @description A name that the client makes up for this request, such as a UUID. Sent again within a day with the same content it gets the same answer, and nothing is made twice. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** @description At most 500 characters are kept. */
                    title?: string;
                    /** @description At most 10,000 characters are kept. */
                    description?: string;
                    /**
                     * @description A BCP 47 tag. Anything else is ignored.
                     * @example en
                     */
                    language?: string;
                    /**
                     * @description Separated by commas.
                     * @example team,weekly
                     */
                    tags?: string;
                    /** Format: binary */
                    video: Blob;
                };
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Video"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            507: components["responses"]["Problem507"];
        };
    };
    deleteVideos: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    ids: string[];
                };
            };
        };
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deletions"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
        };
    };
    createRecording: {
        parameters: {
            query?: never;
            header?: {
                /** @description A name that the client makes up for this request, such as a UUID. Sent again within a day with the same content it gets the same answer, and nothing is made twice. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /**
                     * @description At most 500 characters are kept.
                     * @example Stand-up
                     */
                    title?: string | null;
                    /** @description At most 10,000 characters are kept. */
                    description?: string | null;
                    /**
                     * @description A BCP 47 tag, such as `pt-BR`. Anything else is ignored.
                     * @example en
                     */
                    language?: string | null;
                    /**
                     * @description The media type of all chunks together, as MediaRecorder names it. Anything else is ignored.
                     * @example video/webm;codecs=vp8,opus
                     */
                    type?: string | null;
                };
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recording"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
        };
    };
    getRecording: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recording"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            410: components["responses"]["Problem410"];
            429: components["responses"]["Problem429"];
        };
    };
    deleteRecording: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            423: components["responses"]["Problem423"];
            429: components["responses"]["Problem429"];
        };
    };
    putChunk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
                /** @description The number of the chunk; the first is 0. */
                n: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": Blob;
            };
        };
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recording"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            410: components["responses"]["Problem410"];
            413: components["responses"]["Problem413"];
            429: components["responses"]["Problem429"];
            507: components["responses"]["Problem507"];
        };
    };
    postChunk: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** Format: binary */
                    chunk: Blob;
                    /** @description The number of the chunk. */
                    index: number;
                    /** @description How many there are. Where it is absent the highest number that came is the last. */
                    chunks?: number;
                    /** @description Close it without the chunks that are missing; the video is `incomplete` then. */
                    allow_gaps?: boolean;
                    /** @description false closes nothing. */
                    is_final?: boolean;
                };
            };
        };
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recording"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            410: components["responses"]["Problem410"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            423: components["responses"]["Problem423"];
            429: components["responses"]["Problem429"];
            507: components["responses"]["Problem507"];
        };
    };
    finalizeRecording: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @description How many there are. Where it is absent the highest number that came is the last. */
                    chunks?: number;
                    /** @description Close it without the chunks that are missing; the video is `incomplete` then. */
                    allow_gaps?: boolean;
                    /** @description false closes nothing. */
                    is_final?: boolean;
                };
                "multipart/form-data": {
                    /** Format: binary */
                    chunk?: Blob;
                    /** @description The number of the chunk. */
                    index?: number;
                    /** @description How many there are. Where it is absent the highest number that came is the last. */
                    chunks?: number;
                    /** @description Close it without the chunks that are missing; the video is `incomplete` then. */
                    allow_gaps?: boolean;
                    /** @description false closes nothing. */
                    is_final?: boolean;
                };
            };
        };
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recording"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            410: components["responses"]["Problem410"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            423: components["responses"]["Problem423"];
            429: components["responses"]["Problem429"];
            507: components["responses"]["Problem507"];
        };
    };
    getVideo: {
        parameters: {
            query?: never;
            header?: {
                /** @description Entity tags of what the client has, or `*`. */
                "if-none-match"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Video"];
                };
            };
            /** @description It is what the client has. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            429: components["responses"]["Problem429"];
        };
    };
    putVideo: {
        parameters: {
            query?: never;
            header?: {
                /** @description Entity tags that the video has to have one of, or `*`. */
                "if-match"?: string;
                /** @description Entity tags that it may not have, or `*`. */
                "if-none-match"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example Team meeting */
                    title?: string;
                    description?: string;
                    /**
                     * @example [
                     *       "team",
                     *       "weekly"
                     *     ]
                     */
                    tags?: string[];
                    /** @description A BCP 47 tag, such as `pt-BR`; null for the one that was recognised. */
                    language?: string | null;
                    /** @description The whole text; words that stay keep their times. */
                    transcript?: string;
                };
            };
        };
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Video"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
        };
    };
    deleteVideo: {
        parameters: {
            query?: never;
            header?: {
                /** @description Entity tags that the video has to have one of, or `*`. */
                "if-match"?: string;
                /** @description Entity tags that it may not have, or `*`. */
                "if-none-match"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            429: components["responses"]["Problem429"];
        };
    };
    patchVideo: {
        parameters: {
            query?: never;
            header?: {
                /** @description Entity tags that the video has to have one of, or `*`. */
                "if-match"?: string;
                /** @description Entity tags that it may not have, or `*`. */
                "if-none-match"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example Team meeting */
                    title?: string;
                    description?: string;
                    /**
                     * @example [
                     *       "team",
                     *       "weekly"
                     *     ]
                     */
                    tags?: string[];
                    /** @description A BCP 47 tag, such as `pt-BR`; null for the one that was recognised. */
                    language?: string | null;
                    /** @description The whole text; words that stay keep their times. */
                    transcript?: string;
                };
            };
        };
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Video"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
        };
    };
    retryVideo: {
        parameters: {
            query?: {
                step?: "probe" | "playback" | "poster" | "audio" | "transcribe";
            };
            header?: never;
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It was taken up, and goes on. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Video"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            429: components["responses"]["Problem429"];
        };
    };
    getStream: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description One range or several.
                 * @example bytes=0-1023
                 */
                range?: string;
                /** @description The ETag or Last-Modified of what the client has part of. */
                "if-range"?: string;
                "if-none-match"?: string;
                "if-modified-since"?: string;
                "if-match"?: string;
                "if-unmodified-since"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": Blob;
                };
            };
            /** @description The range that was asked for, or several as parts. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": Blob;
                    "multipart/byteranges": Blob;
                };
            };
            /** @description It is what the client has. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            416: components["responses"]["Problem416"];
            429: components["responses"]["Problem429"];
        };
    };
    getSource: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description One range or several.
                 * @example bytes=0-1023
                 */
                range?: string;
                /** @description The ETag or Last-Modified of what the client has part of. */
                "if-range"?: string;
                "if-none-match"?: string;
                "if-modified-since"?: string;
                "if-match"?: string;
                "if-unmodified-since"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": Blob;
                };
            };
            /** @description The range that was asked for, or several as parts. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": Blob;
                    "multipart/byteranges": Blob;
                };
            };
            /** @description It is what the client has. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            416: components["responses"]["Problem416"];
            429: components["responses"]["Problem429"];
        };
    };
    getAudio: {
        parameters: {
            query?: {
                /** @description The `index` of one of the video’s `streams`. Default: the selected sound. */
                track?: number;
            };
            header?: {
                /**
                 * @description One range or several.
                 * @example bytes=0-1023
                 */
                range?: string;
                /** @description The ETag or Last-Modified of what the client has part of. */
                "if-range"?: string;
                "if-none-match"?: string;
                "if-modified-since"?: string;
                "if-match"?: string;
                "if-unmodified-since"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": Blob;
                };
            };
            /** @description The range that was asked for, or several as parts. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": Blob;
                    "multipart/byteranges": Blob;
                };
            };
            /** @description It is what the client has. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            416: components["responses"]["Problem416"];
            429: components["responses"]["Problem429"];
        };
    };
    getPoster: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description One range or several.
                 * @example bytes=0-1023
                 */
                range?: string;
                /** @description The ETag or Last-Modified of what the client has part of. */
                "if-range"?: string;
                "if-none-match"?: string;
                "if-modified-since"?: string;
                "if-match"?: string;
                "if-unmodified-since"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": Blob;
                };
            };
            /** @description The range that was asked for, or several as parts. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": Blob;
                    "multipart/byteranges": Blob;
                };
            };
            /** @description It is what the client has. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            416: components["responses"]["Problem416"];
            429: components["responses"]["Problem429"];
        };
    };
    getSmallPoster: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description One range or several.
                 * @example bytes=0-1023
                 */
                range?: string;
                /** @description The ETag or Last-Modified of what the client has part of. */
                "if-range"?: string;
                "if-none-match"?: string;
                "if-modified-since"?: string;
                "if-match"?: string;
                "if-unmodified-since"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": Blob;
                };
            };
            /** @description The range that was asked for, or several as parts. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": Blob;
                    "multipart/byteranges": Blob;
                };
            };
            /** @description It is what the client has. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            416: components["responses"]["Problem416"];
            429: components["responses"]["Problem429"];
        };
    };
    getStoryboard: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description One range or several.
                 * @example bytes=0-1023
                 */
                range?: string;
                /** @description The ETag or Last-Modified of what the client has part of. */
                "if-range"?: string;
                "if-none-match"?: string;
                "if-modified-since"?: string;
                "if-match"?: string;
                "if-unmodified-since"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": Blob;
                };
            };
            /** @description The range that was asked for, or several as parts. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": Blob;
                    "multipart/byteranges": Blob;
                };
            };
            /** @description It is what the client has. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            416: components["responses"]["Problem416"];
            429: components["responses"]["Problem429"];
        };
    };
    getStoryboardCues: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description One range or several.
                 * @example bytes=0-1023
                 */
                range?: string;
                /** @description The ETag or Last-Modified of what the client has part of. */
                "if-range"?: string;
                "if-none-match"?: string;
                "if-modified-since"?: string;
                "if-match"?: string;
                "if-unmodified-since"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/vtt": string;
                };
            };
            /** @description The range that was asked for, or several as parts. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/vtt": Blob;
                    "multipart/byteranges": Blob;
                };
            };
            /** @description It is what the client has. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            416: components["responses"]["Problem416"];
            429: components["responses"]["Problem429"];
        };
    };
    getPeaks: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description One range or several.
                 * @example bytes=0-1023
                 */
                range?: string;
                /** @description The ETag or Last-Modified of what the client has part of. */
                "if-range"?: string;
                "if-none-match"?: string;
                "if-modified-since"?: string;
                "if-match"?: string;
                "if-unmodified-since"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sample_rate: number;
                        samples_per_pixel: number;
                        /** @description Pairs in `data`. */
                        length: number;
                        /** @description The least and the greatest of each. */
                        data: number[];
                    };
                };
            };
            /** @description The range that was asked for, or several as parts. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Blob;
                    "multipart/byteranges": Blob;
                };
            };
            /** @description It is what the client has. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            416: components["responses"]["Problem416"];
            429: components["responses"]["Problem429"];
        };
    };
    getEmbed: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
        };
    };
    createLinks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    kinds: ("stream" | "source" | "audio" | "poster" | "captions" | "storyboard" | "embed" | "events")[];
                    /**
                     * @description Seconds.
                     * @default 3600
                     */
                    expires_in?: number;
                };
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: date-time */
                        expires_at: string;
                        /** @description Those that were asked for; null where there is no such thing (yet). */
                        links: {
                            stream?: string | null;
                            source?: string | null;
                            audio?: string | null;
                            poster?: string | null;
                            poster_small?: string | null;
                            captions?: string | null;
                            captions_vtt?: string | null;
                            captions_srt?: string | null;
                            chapters_vtt?: string | null;
                            storyboard?: string | null;
                            storyboard_vtt?: string | null;
                            embed?: string | null;
                            events?: string | null;
                        };
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
        };
    };
    createUploadLink: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Bytes; what the server takes where it is absent. */
                    max_size?: number;
                    /**
                     * @description Seconds.
                     * @default 3600
                     */
                    expires_in?: number;
                    /** @description Whose it will be, where an admin asks; else it belongs to whoever asks. */
                    owner?: string;
                };
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example /uploads?link=2mT0… */
                        url: string;
                        max_size: number;
                        /** Format: date-time */
                        expires_at: string;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
        };
    };
    getTranscript: {
        parameters: {
            query?: never;
            header?: {
                /** @description Entity tags of what the client has, or `*`. */
                "if-none-match"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transcript"];
                };
            };
            /** @description It is still the one of `If-None-Match`. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            429: components["responses"]["Problem429"];
        };
    };
    replaceTranscript: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The `ETag` of the revision that the change was made of: with another one by now the answer is 412.
                 * @example "3"
                 */
                "if-match"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example en */
                    language?: string | null;
                    /** @description In the order of their starts. Words that are unchanged keep their times. */
                    segments: {
                        /**
                         * @description Seconds.
                         * @example 1.2
                         */
                        start: number;
                        /**
                         * @description Seconds.
                         * @example 3.4
                         */
                        end: number;
                        text: string;
                        speaker?: string | null;
                        /** @description Ignored: the server keeps the times of words that stay. */
                        words?: unknown[];
                    }[];
                };
            };
        };
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transcript"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
        };
    };
    listRevisions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Revision"][];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
        };
    };
    getRevision: {
        parameters: {
            query?: never;
            header?: {
                /** @description Entity tags of what the client has, or `*`. */
                "if-none-match"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
                revision: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transcript"];
                };
            };
            /** @description It is still the one of `If-None-Match`. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            429: components["responses"]["Problem429"];
        };
    };
    restoreRevision: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The `ETag` of the revision that the change was made of: with another one by now the answer is 412.
                 * @example "3"
                 */
                "if-match"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
                revision: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transcript"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413"];
            429: components["responses"]["Problem429"];
        };
    };
    getCaptionsVtt: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description One range or several.
                 * @example bytes=0-1023
                 */
                range?: string;
                /** @description The ETag or Last-Modified of what the client has part of. */
                "if-range"?: string;
                "if-none-match"?: string;
                "if-modified-since"?: string;
                "if-match"?: string;
                "if-unmodified-since"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The text. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/vtt": string;
                };
            };
            /** @description A part of it. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/vtt": string;
                };
            };
            /** @description It is still the one of the condition. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            416: components["responses"]["Problem416"];
            429: components["responses"]["Problem429"];
        };
    };
    getCaptionsSrt: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description One range or several.
                 * @example bytes=0-1023
                 */
                range?: string;
                /** @description The ETag or Last-Modified of what the client has part of. */
                "if-range"?: string;
                "if-none-match"?: string;
                "if-modified-since"?: string;
                "if-match"?: string;
                "if-unmodified-since"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The text. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-subrip": string;
                };
            };
            /** @description A part of it. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-subrip": string;
                };
            };
            /** @description It is still the one of the condition. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            416: components["responses"]["Problem416"];
            429: components["responses"]["Problem429"];
        };
    };
    getTranscriptText: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description One range or several.
                 * @example bytes=0-1023
                 */
                range?: string;
                /** @description The ETag or Last-Modified of what the client has part of. */
                "if-range"?: string;
                "if-none-match"?: string;
                "if-modified-since"?: string;
                "if-match"?: string;
                "if-unmodified-since"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The text. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description A part of it. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description It is still the one of the condition. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            416: components["responses"]["Problem416"];
            429: components["responses"]["Problem429"];
        };
    };
    listCaptions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /**
                             * @description Whether it is what was heard, or a subtitle in the file.
                             * @enum {string}
                             */
                            source: "transcript" | "embedded";
                            /** @description The `index` of the subtitle among the video’s `streams`. */
                            track: number | null;
                            /** @example subrip */
                            codec: string | null;
                            /** @example eng */
                            language: string | null;
                            /** @example For the hard of hearing */
                            title: string | null;
                            default: boolean;
                            /** @description Whether it is to be shown to everybody. */
                            forced: boolean;
                            /** @description Null if it consists of pictures, or could not be read. */
                            vtt: string | null;
                            srt: string | null;
                        }[];
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
        };
    };
    getCaptions: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description One range or several.
                 * @example bytes=0-1023
                 */
                range?: string;
                /** @description The ETag or Last-Modified of what the client has part of. */
                "if-range"?: string;
                "if-none-match"?: string;
                "if-modified-since"?: string;
                "if-match"?: string;
                "if-unmodified-since"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
                /**
                 * @description The `index` of the subtitle among the video’s `streams`, and the format.
                 * @example 2.vtt
                 */
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The text. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/vtt": string;
                    "application/x-subrip": string;
                };
            };
            /** @description A part of it. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/vtt": string;
                    "application/x-subrip": string;
                };
            };
            /** @description It is still the one of the condition. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            416: components["responses"]["Problem416"];
            429: components["responses"]["Problem429"];
        };
    };
    getChapters: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description One range or several.
                 * @example bytes=0-1023
                 */
                range?: string;
                /** @description The ETag or Last-Modified of what the client has part of. */
                "if-range"?: string;
                "if-none-match"?: string;
                "if-modified-since"?: string;
                "if-match"?: string;
                "if-unmodified-since"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The text. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/vtt": string;
                };
            };
            /** @description A part of it. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/vtt": string;
                };
            };
            /** @description It is still the one of the condition. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            412: components["responses"]["Problem412"];
            416: components["responses"]["Problem416"];
            429: components["responses"]["Problem429"];
        };
    };
    followVideo: {
        parameters: {
            query?: never;
            header?: {
                "last-event-id"?: string;
            };
            path: {
                /** @description The id of the video, which is the id of its upload. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An endless stream. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
            503: components["responses"]["Problem503"];
        };
    };
    listWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Webhook"][];
                    };
                };
            };
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            429: components["responses"]["Problem429"];
        };
    };
    createWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example https://example.com/longtake */
                    url: string;
                    /** @description None or absent for all. */
                    events?: ("video.uploaded" | "video.probed" | "video.audio_extracted" | "video.transcribed" | "video.ready" | "video.failed" | "video.deleted")[];
                };
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookWithSecret"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            409: components["responses"]["Problem409"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
        };
    };
    getWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
        };
    };
    deleteWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
        };
    };
    createWebhookSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookWithSecret"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
        };
    };
    listDeliveries: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The `next_before` of the page before. */
                before?: string;
                state?: "pending" | "delivered" | "failed";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["WebhookDelivery"][];
                        /** Format: uuid */
                        next_before: string | null;
                    };
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            429: components["responses"]["Problem429"];
        };
    };
    replayDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                delivery: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It was taken up, and goes on. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            409: components["responses"]["Problem409"];
            429: components["responses"]["Problem429"];
        };
    };
    oldStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ok";
                    };
                };
            };
        };
    };
    oldListVideos: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "success";
                        /** @example Videos. */
                        message: string;
                        data: components["schemas"]["OldVideo"][];
                    };
                };
            };
            /** @description The request failed. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
        };
    };
    oldCreateVideo: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** @example Team meeting */
                    title: string;
                    description?: string;
                    /** Format: binary */
                    video: Blob;
                };
                "application/json": {
                    /** @example Team meeting */
                    title: string;
                    description?: string;
                    /** Format: binary */
                    video: Blob;
                };
            };
        };
        responses: {
            /** @description The video was uploaded. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "success";
                        /** @example The video was uploaded. */
                        message: string;
                        data: components["schemas"]["OldVideo"];
                    };
                };
            };
            /** @description The request failed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
        };
    };
    oldGetVideo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, or the one that an imported video had. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The video. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "success";
                        /** @example The video. */
                        message: string;
                        data: components["schemas"]["OldVideo"];
                    };
                };
            };
            /** @description The request failed. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
        };
    };
    oldUpdateVideo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, or the one that an imported video had. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example Good morning, everyone. */
                    transcript?: string;
                    title?: string;
                    description?: string;
                };
                "application/x-www-form-urlencoded": {
                    /** @example Good morning, everyone. */
                    transcript?: string;
                    title?: string;
                    description?: string;
                };
                "multipart/form-data": {
                    /** @example Good morning, everyone. */
                    transcript?: string;
                    title?: string;
                    description?: string;
                };
            };
        };
        responses: {
            /** @description The video was changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "success";
                        /** @example The video was changed. */
                        message: string;
                        data: components["schemas"]["OldVideo"];
                    };
                };
            };
            /** @description The request failed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
        };
    };
    oldDeleteVideo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, or the one that an imported video had. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "success";
                        /** @example The video was deleted. */
                        message: string;
                        data: null;
                    };
                };
            };
            /** @description The request failed. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
        };
    };
    oldStreamVideo: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description One range or several.
                 * @example bytes=0-1023
                 */
                range?: string;
                /** @description The ETag or Last-Modified of what the client has part of. */
                "if-range"?: string;
                "if-none-match"?: string;
                "if-modified-since"?: string;
                "if-match"?: string;
                "if-unmodified-since"?: string;
            };
            path: {
                /** @description The id, or the one that an imported video had. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "video/mp4": Blob;
                };
            };
            /** @description The range that was asked for. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "video/mp4": Blob;
                };
            };
            /** @description The request failed. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
            /** @description The request failed. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "error";
                        /** @example The video was not found. */
                        message: string;
                        /**
                         * @example {
                         *       "title": [
                         *         "This field is required."
                         *       ]
                         *     }
                         */
                        data: {
                            [key: string]: string[];
                        };
                    };
                };
            };
        };
    };
    oldStartRecording: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example Stand-up */
                    title?: string;
                };
                "multipart/form-data": {
                    /** @example Stand-up */
                    title?: string;
                };
            };
        };
        responses: {
            /** @description The recording has begun. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example 01976c1e-27b5-7f3d-8a52-0c1d7a3f5b11 */
                        session_id: string;
                    };
                };
            };
            /** @description The request failed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
        };
    };
    oldReceiveChunk: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example 01976c1e-27b5-7f3d-8a52-0c1d7a3f5b11 */
                    session_id: string;
                    /**
                     * Format: binary
                     * @description Base64 in JSON.
                     */
                    video_chunk: Blob;
                    /** @description Makes a repetition safe. Without it a chunk follows those that came before. */
                    chunk_number?: number;
                };
                "multipart/form-data": {
                    /** @example 01976c1e-27b5-7f3d-8a52-0c1d7a3f5b11 */
                    session_id: string;
                    /**
                     * Format: binary
                     * @description Base64 in JSON.
                     */
                    video_chunk: Blob;
                    /** @description Makes a repetition safe. Without it a chunk follows those that came before. */
                    chunk_number?: number;
                };
            };
        };
        responses: {
            /** @description The chunk is safe on disk. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The chunk was received. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
        };
    };
    oldFinalizeRecording: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @example 01976c1e-27b5-7f3d-8a52-0c1d7a3f5b11 */
                    session_id: string;
                    /**
                     * Format: binary
                     * @description Base64 in JSON.
                     */
                    video_chunk?: Blob;
                    /** @description Makes a repetition safe. Without it a chunk follows those that came before. */
                    chunk_number?: number;
                    /** @description Closes the recording. */
                    is_final?: boolean;
                };
                "multipart/form-data": {
                    /** @example 01976c1e-27b5-7f3d-8a52-0c1d7a3f5b11 */
                    session_id: string;
                    /**
                     * Format: binary
                     * @description Base64 in JSON.
                     */
                    video_chunk?: Blob;
                    /** @description Makes a repetition safe. Without it a chunk follows those that came before. */
                    chunk_number?: number;
                    /** @description Closes the recording. */
                    is_final?: boolean;
                };
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The recording is complete. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            423: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
        };
    };
    oldGetRecordedData: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 01976c1e-27b5-7f3d-8a52-0c1d7a3f5b11 */
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The recording. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        recorded_data: {
                            session_id: string;
                            /** @enum {string} */
                            status: "recording" | "processing" | "completed" | "failed";
                            file_url: string | null;
                            audio_file: string | null;
                            transcript: string | null;
                        };
                    };
                };
            };
            /** @description The request failed. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
            /** @description The request failed. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
        };
    };
}
