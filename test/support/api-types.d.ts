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
export interface webhooks {
    "video.uploaded": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * An upload is complete and has become a video
         * @description Sent at least once to the webhooks that were created for this event. Anything but 2xx is repeated for a day.
         */
        post: operations["onVideoUploaded"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "video.probed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The file has been examined: duration, size and tracks are known
         * @description Sent at least once to the webhooks that were created for this event. Anything but 2xx is repeated for a day.
         */
        post: operations["onVideoProbed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "video.audio_extracted": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The audio has been extracted
         * @description Sent at least once to the webhooks that were created for this event. Anything but 2xx is repeated for a day.
         */
        post: operations["onVideoAudioExtracted"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "video.transcribed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The transcript is written
         * @description Sent at least once to the webhooks that were created for this event. Anything but 2xx is repeated for a day.
         */
        post: operations["onVideoTranscribed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "video.ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The video can be played
         * @description Sent at least once to the webhooks that were created for this event. Anything but 2xx is repeated for a day.
         */
        post: operations["onVideoReady"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "video.failed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The file cannot be used
         * @description Sent at least once to the webhooks that were created for this event. Anything but 2xx is repeated for a day.
         */
        post: operations["onVideoFailed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "video.deleted": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The video has been deleted
         * @description Sent at least once to the webhooks that were created for this event. Anything but 2xx is repeated for a day.
         */
        post: operations["onVideoDeleted"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
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
             * @description Stable name of the problem. Later versions may add names.
             * @example not_found
             * @enum {string}
             */
            code: "invalid_request" | "invalid_header" | "invalid_metadata" | "invalid_checksum" | "invalid_digest" | "digest_mismatch" | "invalid_concatenation" | "inconsistent_length" | "completed_upload" | "invalid_cursor" | "too_complex" | "invalid_url" | "private_address" | "broken_off" | "unauthenticated" | "invalid_token" | "insufficient_scope" | "invalid_link" | "link_expired" | "link_used" | "one_upload" | "upload_finished" | "final_upload" | "foreign_host" | "foreign_origin" | "not_found" | "not_ready" | "gone" | "upload_gone" | "upload_damaged" | "part_deleted" | "recording_expired" | "method_not_allowed" | "not_acceptable" | "request_timeout" | "too_large" | "unsupported_media_type" | "unsupported_coding" | "range_not_satisfiable" | "headers_too_large" | "offset_conflict" | "upload_locked" | "chunk_conflict" | "chunks_missing" | "chunks_too_small" | "window_exceeded" | "bytes_missing" | "recording_closed" | "recording_empty" | "step_not_possible" | "transcript_busy" | "webhook_disabled" | "too_many_webhooks" | "precondition_failed" | "idempotency_key_reused" | "request_under_way" | "checksum_mismatch" | "quota_exceeded" | "too_many_requests" | "too_many_at_once" | "too_many_streams" | "too_many_uploads" | "too_many_links" | "too_many_keys" | "too_many_texts" | "internal" | "interrupted" | "stopping" | "unavailable" | "keys_unavailable" | "database_unavailable" | "database_not_writable" | "database_full" | "storage_unavailable" | "storage_not_writable" | "storage_full" | "bad_request" | "forbidden" | "conflict" | "payload_too_large" | "locked" | "internal_server_error" | "not_implemented" | "service_unavailable" | "insufficient_storage" | "error";
            /** @example The video was not found. */
            detail: string;
            /**
             * @description The input that is at fault.
             * @example title
             */
            field?: string;
            /** @description What is wrong with a JSON body, and where: `pointer` is a JSON Pointer (RFC 6901). */
            errors?: components["schemas"]["ProblemError"][];
            /**
             * @description For 404: the step of processing that makes what is absent.
             * @enum {string}
             */
            step?: "probe" | "playback" | "poster" | "audio" | "transcribe";
            /**
             * @description For 404: why that step was skipped, or the code of its error; null while it is not done yet.
             * @example no_audio
             * @enum {string|null}
             */
            reason?: "no_audio" | "no_video" | "silent" | "too_short" | "not_configured" | "probe_failed" | "playback_failed" | "poster_failed" | "audio_failed" | "transcribe_failed" | "unsupported_media" | "source_missing" | "source_damaged" | "undecodable" | "unsupported_codec" | "rendition_differs" | "too_much" | "killed" | "stalled" | "worker_lost" | "storage_full" | "storage_unusable" | "out_of_memory" | "out_of_processes" | "database_unavailable" | "sandbox_failed" | "ffmpeg_missing" | "ffmpeg_broken" | "audio_missing" | "speech_to_text_misconfigured" | "speech_to_text_refused" | "speech_to_text_unavailable" | "internal" | null;
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
            error: components["schemas"]["StepError"] | null;
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
            streams: components["schemas"]["Stream"][];
            /** @description Parts of the video that have a name, as the file tells; times are seconds. */
            chapters: components["schemas"]["Chapter"][];
            /**
             * @description What `stream` serves: the `source` as it is, its streams in another container (`remux`), or encoded anew (`transcode`); null until that is decided.
             * @enum {string|null}
             */
            playback: "source" | "remux" | "transcode" | null;
            steps: components["schemas"]["Step"][];
            /** @description What the steps found out about the file that its owner should know, such as damage. */
            notes: components["schemas"]["Note"][];
            /**
             * @description Seconds of audio that were sent to the speech-to-text service; what failed and was sent again counts again.
             * @example 61.5
             */
            speech_seconds_sent: number;
            /** @example Good morning everybody. */
            transcript: string | null;
            /** @description Null where there is no such thing (yet). */
            links: components["schemas"]["VideoLinks"];
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
            error: components["schemas"]["StepError"] | null;
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
            streams: components["schemas"]["Stream"][];
            /** @description Parts of the video that have a name, as the file tells; times are seconds. */
            chapters: components["schemas"]["Chapter"][];
            /**
             * @description What `stream` serves: the `source` as it is, its streams in another container (`remux`), or encoded anew (`transcode`); null until that is decided.
             * @enum {string|null}
             */
            playback: "source" | "remux" | "transcode" | null;
            steps: components["schemas"]["Step"][];
            /** @description What the steps found out about the file that its owner should know, such as damage. */
            notes: components["schemas"]["Note"][];
            /**
             * @description Seconds of audio that were sent to the speech-to-text service; what failed and was sent again counts again.
             * @example 61.5
             */
            speech_seconds_sent: number;
            /** @example Good morning everybody. */
            transcript: string | null;
            /** @description Null where there is no such thing (yet). */
            links: components["schemas"]["VideoLinks"];
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
            moments: components["schemas"]["Moment"][] | null;
        };
        Deletions: {
            results: components["schemas"]["Deletion"][];
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
            options: components["schemas"]["TranscriptionOptions"] | null;
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
            options: components["schemas"]["TranscriptionOptions"] | null;
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
            segments: components["schemas"]["Segment"][];
            /** @description Stretches of which nothing was heard, because their requests failed; a retry of the video fills them. */
            gaps: components["schemas"]["Gap"][];
            /** @description Text that the model gave and that was most likely not said. */
            dropped: components["schemas"]["DroppedSegment"][];
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
            links: components["schemas"]["RecordingLinks"];
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
            /** @example Good morning everybody. */
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
        WebhookMessage: {
            /** @enum {string} */
            type: "video.uploaded" | "video.probed" | "video.audio_extracted" | "video.transcribed" | "video.ready" | "video.failed" | "video.deleted";
            /**
             * Format: date-time
             * @description When it happened.
             */
            timestamp: string;
            data: {
                /** Format: uuid */
                video_id: string;
            };
        };
        Status: {
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
        Liveness: {
            /** @enum {string} */
            status: "live";
        };
        Readiness: {
            /** @enum {string} */
            status: "ready" | "degraded" | "unavailable";
            checks: components["schemas"]["Checks"];
            /** @description Where this process has a worker: what media programs are confined by, and what this system does not offer for it. */
            sandbox?: {
                present: string[];
                missing: string[];
            };
        };
        NewVideo: {
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
        VideoList: {
            items: components["schemas"]["ListedVideo"][];
            /** @description For the next page; null at the end. */
            next_cursor: string | null;
        };
        VideoIds: {
            ids: string[];
        };
        NewRecording: {
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
        ChunkForm: {
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
        VideoChanges: {
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
            /**
             * @description The whole text; words that stay keep their times.
             * @example Good morning everybody.
             */
            transcript?: string;
        };
        Peaks: {
            sample_rate: number;
            samples_per_pixel: number;
            /** @description Pairs in `data`. */
            length: number;
            /** @description The least and the greatest of each. */
            data: number[];
        };
        LinkRequest: {
            kinds: ("stream" | "source" | "audio" | "poster" | "captions" | "storyboard" | "embed" | "events")[];
            /**
             * @description Seconds.
             * @default 3600
             */
            expires_in?: number;
        };
        SignedLinks: {
            /** Format: date-time */
            expires_at: string;
            /** @description Those that were asked for; null where there is no such thing (yet). */
            links: components["schemas"]["SignedVideoLinks"];
        };
        UploadLinkRequest: {
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
        UploadLink: {
            /** @example /uploads?link=2mT0… */
            url: string;
            max_size: number;
            /** Format: date-time */
            expires_at: string;
        };
        NewTranscript: {
            /** @example en */
            language?: string | null;
            /** @description In the order of their starts. Words that are unchanged keep their times. */
            segments: components["schemas"]["NewSegment"][];
        };
        RevisionList: {
            items: components["schemas"]["Revision"][];
        };
        CaptionsList: {
            items: components["schemas"]["Captions"][];
        };
        NewWebhook: {
            /** @example https://example.com/longtake */
            url: string;
            /** @description None or absent for all. */
            events?: ("video.uploaded" | "video.probed" | "video.audio_extracted" | "video.transcribed" | "video.ready" | "video.failed" | "video.deleted")[];
        };
        WebhookList: {
            items: components["schemas"]["Webhook"][];
        };
        DeliveryList: {
            items: components["schemas"]["WebhookDelivery"][];
            /** Format: uuid */
            next_before: string | null;
        };
        ProblemError: {
            /** @example /title */
            pointer: string;
            /** @example must be string */
            detail: string;
        };
        StepError: {
            /**
             * @example unsupported_media
             * @enum {string}
             */
            code: "unsupported_media" | "source_missing" | "source_damaged" | "undecodable" | "unsupported_codec" | "rendition_differs" | "too_much" | "killed" | "stalled" | "worker_lost" | "storage_full" | "storage_unusable" | "out_of_memory" | "out_of_processes" | "database_unavailable" | "sandbox_failed" | "ffmpeg_missing" | "ffmpeg_broken" | "audio_missing" | "speech_to_text_misconfigured" | "speech_to_text_refused" | "speech_to_text_unavailable" | "internal";
            /** @example The file is not a video or audio file that can be read. */
            message: string;
        };
        Stream: {
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
        };
        Chapter: {
            /** @example 0 */
            start: number;
            /** @example 61.5 */
            end: number;
            /** @example Introduction */
            title: string;
        };
        Step: {
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
            error: components["schemas"]["StepError"] | null;
            /** Format: date-time */
            started_at: string | null;
            /** Format: date-time */
            finished_at: string | null;
        };
        Note: {
            /** @enum {string} */
            step: "probe" | "playback" | "poster" | "audio" | "transcribe";
            /**
             * @example ends_early
             * @enum {string}
             */
            code: "ends_early" | "unsupported_codec" | "dolby_vision_5" | "subtitles_unreadable" | "damaged_picture" | "damaged_sound" | "undecodable_picture" | "undecodable_sound" | "not_tone_mapped";
            /** @example The file ends early: it declares 36 s, and 2 s are there. */
            message: string;
        };
        VideoLinks: {
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
        Moment: {
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
            snippet: components["schemas"]["SnippetPart"][];
            /** @description Plays from there (Media Fragments). */
            link: string;
        };
        SnippetPart: {
            text: string;
            hit: boolean;
        };
        Deletion: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            result: "deleted" | "not_found";
        };
        TranscriptionOptions: {
            language?: string | null;
            /** @example verbose_json */
            response_format?: string;
            timestamp_granularities?: string[];
        };
        Segment: {
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
            words?: components["schemas"]["Word"][];
        };
        Word: {
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
        };
        Gap: {
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
            /** @enum {string} */
            code: "unsupported_media" | "source_missing" | "source_damaged" | "undecodable" | "unsupported_codec" | "rendition_differs" | "too_much" | "killed" | "stalled" | "worker_lost" | "storage_full" | "storage_unusable" | "out_of_memory" | "out_of_processes" | "database_unavailable" | "sandbox_failed" | "ffmpeg_missing" | "ffmpeg_broken" | "audio_missing" | "speech_to_text_misconfigured" | "speech_to_text_refused" | "speech_to_text_unavailable" | "internal";
            message: string;
        };
        DroppedSegment: {
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
        };
        RecordingLinks: {
            /** @example /recordings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071 */
            self: string;
            /**
             * @description For chunk n put its number in place of `{n}`.
             * @example /recordings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/chunks/{n}
             */
            chunks: string;
            /** @example /recordings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/finalize */
            finalize: string;
            /**
             * @description The same upload, for tus.
             * @example /uploads/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
             */
            upload: string;
            /** @example null */
            video: string | null;
        };
        Captions: {
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
        };
        Checks: {
            database: components["schemas"]["Check"];
            storage: components["schemas"]["Check"];
            queue: components["schemas"]["Check"];
            /** @description Down while the uploaded file of a video is missing. */
            sources: components["schemas"]["Check"];
            /** @description Where one is configured: down while transcription is paused. */
            speech_to_text?: components["schemas"]["Check"];
            /** @description Down while steps wait because of a fault of a machine that runs workers, such as a full disk. */
            processing?: components["schemas"]["Check"];
        };
        Check: {
            /** @enum {string} */
            status: "up" | "down";
            detail?: string;
        };
        SignedVideoLinks: {
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
        NewSegment: {
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
        };
    };
    responses: {
        /** @description It is not known who asks: a key or token is missing, or not good. */
        Problem401: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "about:blank",
                 *       "title": "Unauthorized",
                 *       "status": 401,
                 *       "code": "unauthenticated",
                 *       "detail": "Authentication required: send Authorization: Bearer and a key or token."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The key, token or link is not for this. */
        Problem403: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "about:blank",
                 *       "title": "Forbidden",
                 *       "status": 403,
                 *       "code": "insufficient_scope",
                 *       "detail": "This needs the scope write."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many requests, or unfinished uploads. */
        Problem429: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "about:blank",
                 *       "title": "Too Many Requests",
                 *       "status": 429,
                 *       "code": "too_many_requests",
                 *       "detail": "Too many requests: try again in 12 s."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request is malformed; `field` names the input. */
        Problem400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "about:blank",
                 *       "title": "Bad Request",
                 *       "status": 400,
                 *       "code": "invalid_request",
                 *       "detail": "title must NOT have fewer than 1 characters",
                 *       "field": "title"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It is not in a state for that, or the same is being done right now. */
        Problem409: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "about:blank",
                 *       "title": "Conflict",
                 *       "status": 409,
                 *       "code": "request_under_way",
                 *       "detail": "A request with this Idempotency-Key is being carried out: ask again later."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The file is larger than the server takes. */
        Problem413: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "about:blank",
                 *       "title": "Content Too Large",
                 *       "status": 413,
                 *       "code": "too_large",
                 *       "detail": "A chunk may have 67108864 bytes."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is of another type. */
        Problem415: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "about:blank",
                 *       "title": "Unsupported Media Type",
                 *       "status": 415,
                 *       "code": "unsupported_media_type",
                 *       "detail": "The body must be application/json.",
                 *       "field": "content-type"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The Idempotency-Key was used for another request. */
        Problem422: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "about:blank",
                 *       "title": "Unprocessable Content",
                 *       "status": 422,
                 *       "code": "idempotency_key_reused",
                 *       "detail": "The Idempotency-Key was used for another request.",
                 *       "field": "idempotency-key"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The server has no room left. */
        Problem507: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "about:blank",
                 *       "title": "Insufficient Storage",
                 *       "status": 507,
                 *       "code": "storage_full",
                 *       "detail": "The server has no room left."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such video, or it lacks this. With the code `not_ready` it is still being made: ask again after `Retry-After` seconds. */
        Problem404: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "about:blank",
                 *       "title": "Not Found",
                 *       "status": 404,
                 *       "code": "not_found",
                 *       "detail": "The video was not found."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It is over: nobody went on with it in time. */
        Problem410: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "about:blank",
                 *       "title": "Gone",
                 *       "status": 410,
                 *       "code": "recording_expired",
                 *       "detail": "Nobody went on with this recording for too long."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Somebody else is writing to it: try again. */
        Problem423: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "about:blank",
                 *       "title": "Locked",
                 *       "status": 423,
                 *       "code": "upload_locked",
                 *       "detail": "Another request is writing to this upload: try again."
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It is not, or no longer, what If-Match or another condition says. */
        Problem412: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "about:blank",
                 *       "title": "Precondition Failed",
                 *       "status": 412,
                 *       "code": "precondition_failed",
                 *       "detail": "The video was changed meanwhile.",
                 *       "field": "if-match"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The range lies outside of the content. */
        Problem416: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "about:blank",
                 *       "title": "Range Not Satisfiable",
                 *       "status": 416,
                 *       "code": "range_not_satisfiable",
                 *       "detail": "The content has 1048576 bytes.",
                 *       "field": "range"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not now: try again later. */
        Problem503: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "about:blank",
                 *       "title": "Service Unavailable",
                 *       "status": 503,
                 *       "code": "database_unavailable",
                 *       "detail": "The database cannot be reached: try again."
                 *     }
                 */
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
                /** @example (the bytes) */
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
                    /** @example The upload is at another offset. */
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
                    /** @example The upload is at another offset. */
                    "text/plain": string;
                };
            };
            /** @description Larger than the server takes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example The upload is at another offset. */
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
                    /** @example The upload is at another offset. */
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
                /**
                 * @description The id of the upload, and of the video that it becomes.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /** @example The upload is at another offset. */
                    "text/plain": string;
                };
            };
            /** @description Another version of the protocol, or the video is not what If-Match says. */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example The upload is at another offset. */
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
                /**
                 * @description The id of the upload, and of the video that it becomes.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                /**
                 * @description The id of the upload, and of the video that it becomes.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example (the bytes) */
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
                    /** @example The upload is at another offset. */
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
                    /** @example The upload is at another offset. */
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
                    /** @example The upload is at another offset. */
                    "text/plain": string;
                };
            };
            /** @description More bytes than were announced. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example The upload is at another offset. */
                    "text/plain": string;
                };
            };
            /** @description Another request is writing to it: try again. */
            423: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example The upload is at another offset. */
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
                    /** @example The upload is at another offset. */
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
                    /**
                     * @example # TYPE longtake_uploads_unfinished gauge
                     *     longtake_uploads_unfinished 2
                     */
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
                    /**
                     * @example {
                     *       "status": "ok",
                     *       "version": "0.1.0",
                     *       "database": "embedded",
                     *       "queue": "embedded",
                     *       "speech_to_text": "whisper-1"
                     *     }
                     */
                    "application/json": components["schemas"]["Status"];
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
                    /**
                     * @example {
                     *       "status": "live"
                     *     }
                     */
                    "application/json": components["schemas"]["Liveness"];
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
                    /**
                     * @example {
                     *       "status": "ready",
                     *       "checks": {
                     *         "database": {
                     *           "status": "up",
                     *           "detail": "The database answers."
                     *         },
                     *         "storage": {
                     *           "status": "up",
                     *           "detail": "The database answers."
                     *         },
                     *         "queue": {
                     *           "status": "up",
                     *           "detail": "The database answers."
                     *         },
                     *         "sources": {
                     *           "status": "up",
                     *           "detail": "The database answers."
                     *         },
                     *         "speech_to_text": {
                     *           "status": "up",
                     *           "detail": "The database answers."
                     *         },
                     *         "processing": {
                     *           "status": "up",
                     *           "detail": "The database answers."
                     *         }
                     *       },
                     *       "sandbox": {
                     *         "present": [
                     *           "text"
                     *         ],
                     *         "missing": []
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description It cannot be used now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ready",
                     *       "checks": {
                     *         "database": {
                     *           "status": "up",
                     *           "detail": "The database answers."
                     *         },
                     *         "storage": {
                     *           "status": "up",
                     *           "detail": "The database answers."
                     *         },
                     *         "queue": {
                     *           "status": "up",
                     *           "detail": "The database answers."
                     *         },
                     *         "sources": {
                     *           "status": "up",
                     *           "detail": "The database answers."
                     *         },
                     *         "speech_to_text": {
                     *           "status": "up",
                     *           "detail": "The database answers."
                     *         },
                     *         "processing": {
                     *           "status": "up",
                     *           "detail": "The database answers."
                     *         }
                     *       },
                     *       "sandbox": {
                     *         "present": [
                     *           "text"
                     *         ],
                     *         "missing": []
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    listVideos: {
        parameters: {
            query?: {
                /** @example 24 */
                limit?: number;
                /**
                 * @description The `next_cursor` of the page before.
                 * @example eyJrIjoiMjAyNi0wMS0zMSJ9
                 */
                cursor?: string;
                /**
                 * @description With `-` the largest or latest first. Without it what `q` finds comes best first, and everything else latest first.
                 * @example created_at
                 */
                sort?: "created_at" | "-created_at" | "title" | "-title" | "size" | "-size" | "duration" | "-duration";
                /**
                 * @description False leaves the text of what was said out: `transcript` is null then. A page of long talks weighs megabytes with it.
                 * @example true
                 */
                transcript?: boolean;
                /** @example ready */
                status?: "processing" | "ready" | "failed";
                /**
                 * @description Videos that have this tag.
                 * @example team
                 */
                tag?: string;
                /** @example 2026-01-31T12:00:00Z */
                created_after?: string;
                /** @example 2026-01-31T12:00:00Z */
                created_before?: string;
                /**
                 * @description Words in title, description and what was said, that all have to be there: `"a phrase"`, `-without`, `or`, `begin*` (three letters at least). Words with the same stem count too, by the language of the video. Of more than 400 videos that match, the newest 400 are found, and 200 more by title and description.
                 * @example good morning
                 */
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *           "title": "Team meeting",
                     *           "description": "The weekly meeting of the team.",
                     *           "status": "ready",
                     *           "error": null,
                     *           "incomplete": false,
                     *           "filename": "meeting.mp4",
                     *           "content_type": "video/mp4",
                     *           "language": "en",
                     *           "tags": [
                     *             "team",
                     *             "weekly"
                     *           ],
                     *           "size": 1048576,
                     *           "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *           "duration": 61.5,
                     *           "declared_duration": null,
                     *           "width": 1920,
                     *           "height": 1080,
                     *           "rotation": 0,
                     *           "frame_rate": 29.97,
                     *           "bit_rate": 4500000,
                     *           "container": "mp4",
                     *           "video_codec": "h264",
                     *           "audio_codec": "aac",
                     *           "streams": [
                     *             {
                     *               "index": 0,
                     *               "kind": "video",
                     *               "codec": "h264",
                     *               "supported": true,
                     *               "language": "eng",
                     *               "title": "Commentary",
                     *               "default": true,
                     *               "forced": false,
                     *               "selected": true,
                     *               "trimmed": false,
                     *               "transcribed": true,
                     *               "dolby_vision_profile": null,
                     *               "profile": "High",
                     *               "pixel_format": "yuv420p",
                     *               "width": 1920,
                     *               "height": 1080,
                     *               "frame_rate": 29.97,
                     *               "channels": 2,
                     *               "sample_rate": 48000,
                     *               "bit_rate": 4500000
                     *             }
                     *           ],
                     *           "chapters": [
                     *             {
                     *               "start": 0,
                     *               "end": 61.5,
                     *               "title": "Introduction"
                     *             }
                     *           ],
                     *           "playback": "source",
                     *           "steps": [
                     *             {
                     *               "name": "probe",
                     *               "state": "done",
                     *               "progress": 100,
                     *               "attempts": 1,
                     *               "reason": null,
                     *               "error": null,
                     *               "started_at": "2026-01-31T12:00:00.000Z",
                     *               "finished_at": "2026-01-31T12:00:00.000Z"
                     *             }
                     *           ],
                     *           "notes": [],
                     *           "speech_seconds_sent": 61.5,
                     *           "transcript": "Good morning everybody.",
                     *           "links": {
                     *             "self": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *             "stream": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/stream",
                     *             "source": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/source",
                     *             "audio": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/audio",
                     *             "peaks": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/peaks.json",
                     *             "poster": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster",
                     *             "poster_small": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster/small?v=1",
                     *             "storyboard": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.jpg",
                     *             "storyboard_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.vtt",
                     *             "transcript": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript",
                     *             "transcript_txt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript.txt",
                     *             "captions": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions",
                     *             "chapters_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/chapters.vtt",
                     *             "captions_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.vtt",
                     *             "captions_srt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.srt",
                     *             "embed": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/embed",
                     *             "events": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/events"
                     *           },
                     *           "created_at": "2026-01-31T12:00:00.000Z",
                     *           "updated_at": "2026-01-31T12:00:00.000Z",
                     *           "moments": [
                     *             {
                     *               "start": 12.3,
                     *               "end": 15,
                     *               "snippet": [
                     *                 {
                     *                   "text": "Good morning everybody.",
                     *                   "hit": true
                     *                 }
                     *               ],
                     *               "link": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/stream#t=1.2"
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["VideoList"];
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
                /**
                 * @description A name that the client makes up for this request, such as a UUID. Sent again within a day with the same content it gets the same answer, and nothing is made twice.
                 * @example 7b0f3c9e-2f0d-4d55-9f5e-5f1c1d6f0b2a
                 */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "title": "text",
                 *       "description": "The weekly meeting of the team.",
                 *       "language": "en",
                 *       "tags": "team,weekly",
                 *       "video": "(the bytes)"
                 *     }
                 */
                "multipart/form-data": components["schemas"]["NewVideo"];
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "title": "Team meeting",
                     *       "description": "The weekly meeting of the team.",
                     *       "status": "ready",
                     *       "error": null,
                     *       "incomplete": false,
                     *       "filename": "meeting.mp4",
                     *       "content_type": "video/mp4",
                     *       "language": "en",
                     *       "tags": [
                     *         "team",
                     *         "weekly"
                     *       ],
                     *       "size": 1048576,
                     *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *       "duration": 61.5,
                     *       "declared_duration": null,
                     *       "width": 1920,
                     *       "height": 1080,
                     *       "rotation": 0,
                     *       "frame_rate": 29.97,
                     *       "bit_rate": 4500000,
                     *       "container": "mp4",
                     *       "video_codec": "h264",
                     *       "audio_codec": "aac",
                     *       "streams": [
                     *         {
                     *           "index": 0,
                     *           "kind": "video",
                     *           "codec": "h264",
                     *           "supported": true,
                     *           "language": "eng",
                     *           "title": "Commentary",
                     *           "default": true,
                     *           "forced": false,
                     *           "selected": true,
                     *           "trimmed": false,
                     *           "transcribed": true,
                     *           "dolby_vision_profile": null,
                     *           "profile": "High",
                     *           "pixel_format": "yuv420p",
                     *           "width": 1920,
                     *           "height": 1080,
                     *           "frame_rate": 29.97,
                     *           "channels": 2,
                     *           "sample_rate": 48000,
                     *           "bit_rate": 4500000
                     *         }
                     *       ],
                     *       "chapters": [
                     *         {
                     *           "start": 0,
                     *           "end": 61.5,
                     *           "title": "Introduction"
                     *         }
                     *       ],
                     *       "playback": "source",
                     *       "steps": [
                     *         {
                     *           "name": "probe",
                     *           "state": "done",
                     *           "progress": 100,
                     *           "attempts": 1,
                     *           "reason": null,
                     *           "error": null,
                     *           "started_at": "2026-01-31T12:00:00.000Z",
                     *           "finished_at": "2026-01-31T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "notes": [],
                     *       "speech_seconds_sent": 61.5,
                     *       "transcript": "Good morning everybody.",
                     *       "links": {
                     *         "self": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "stream": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/stream",
                     *         "source": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/source",
                     *         "audio": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/audio",
                     *         "peaks": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/peaks.json",
                     *         "poster": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster",
                     *         "poster_small": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster/small?v=1",
                     *         "storyboard": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.jpg",
                     *         "storyboard_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.vtt",
                     *         "transcript": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript",
                     *         "transcript_txt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript.txt",
                     *         "captions": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions",
                     *         "chapters_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/chapters.vtt",
                     *         "captions_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.vtt",
                     *         "captions_srt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.srt",
                     *         "embed": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/embed",
                     *         "events": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/events"
                     *       },
                     *       "created_at": "2026-01-31T12:00:00.000Z",
                     *       "updated_at": "2026-01-31T12:00:00.000Z"
                     *     }
                     */
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
                /**
                 * @example {
                 *       "ids": [
                 *         "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["VideoIds"];
            };
        };
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *           "result": "deleted"
                     *         }
                     *       ]
                     *     }
                     */
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
                /**
                 * @description A name that the client makes up for this request, such as a UUID. Sent again within a day with the same content it gets the same answer, and nothing is made twice.
                 * @example 7b0f3c9e-2f0d-4d55-9f5e-5f1c1d6f0b2a
                 */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "title": "Stand-up",
                 *       "description": "The weekly meeting of the team.",
                 *       "language": "en",
                 *       "type": "video/webm;codecs=vp8,opus"
                 *     }
                 */
                "application/json": components["schemas"]["NewRecording"];
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "status": "recording",
                     *       "type": "video/webm;codecs=vp8,opus",
                     *       "next": 1,
                     *       "missing": [],
                     *       "bytes": 1048576,
                     *       "offset": 1048576,
                     *       "max_chunk_size": 67108864,
                     *       "incomplete": false,
                     *       "expires_at": "2026-01-31T12:00:00.000Z",
                     *       "links": {
                     *         "self": "/recordings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "chunks": "/recordings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/chunks/{n}",
                     *         "finalize": "/recordings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/finalize",
                     *         "upload": "/uploads/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "video": null
                     *       },
                     *       "video": {
                     *         "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "title": "Team meeting",
                     *         "description": "The weekly meeting of the team.",
                     *         "status": "ready",
                     *         "error": null,
                     *         "incomplete": false,
                     *         "filename": "meeting.mp4",
                     *         "content_type": "video/mp4",
                     *         "language": "en",
                     *         "tags": [
                     *           "team",
                     *           "weekly"
                     *         ],
                     *         "size": 1048576,
                     *         "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *         "duration": 61.5,
                     *         "declared_duration": null,
                     *         "width": 1920,
                     *         "height": 1080,
                     *         "rotation": 0,
                     *         "frame_rate": 29.97,
                     *         "bit_rate": 4500000,
                     *         "container": "mp4",
                     *         "video_codec": "h264",
                     *         "audio_codec": "aac",
                     *         "streams": [
                     *           {
                     *             "index": 0,
                     *             "kind": "video",
                     *             "codec": "h264",
                     *             "supported": true,
                     *             "language": "eng",
                     *             "title": "Commentary",
                     *             "default": true,
                     *             "forced": false,
                     *             "selected": true,
                     *             "trimmed": false,
                     *             "transcribed": true,
                     *             "dolby_vision_profile": null,
                     *             "profile": "High",
                     *             "pixel_format": "yuv420p",
                     *             "width": 1920,
                     *             "height": 1080,
                     *             "frame_rate": 29.97,
                     *             "channels": 2,
                     *             "sample_rate": 48000,
                     *             "bit_rate": 4500000
                     *           }
                     *         ],
                     *         "chapters": [
                     *           {
                     *             "start": 0,
                     *             "end": 61.5,
                     *             "title": "Introduction"
                     *           }
                     *         ],
                     *         "playback": "source",
                     *         "steps": [
                     *           {
                     *             "name": "probe",
                     *             "state": "done",
                     *             "progress": 100,
                     *             "attempts": 1,
                     *             "reason": null,
                     *             "error": null,
                     *             "started_at": "2026-01-31T12:00:00.000Z",
                     *             "finished_at": "2026-01-31T12:00:00.000Z"
                     *           }
                     *         ],
                     *         "notes": [],
                     *         "speech_seconds_sent": 61.5,
                     *         "transcript": "Good morning everybody.",
                     *         "links": {
                     *           "self": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *           "stream": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/stream",
                     *           "source": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/source",
                     *           "audio": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/audio",
                     *           "peaks": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/peaks.json",
                     *           "poster": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster",
                     *           "poster_small": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster/small?v=1",
                     *           "storyboard": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.jpg",
                     *           "storyboard_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.vtt",
                     *           "transcript": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript",
                     *           "transcript_txt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript.txt",
                     *           "captions": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions",
                     *           "chapters_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/chapters.vtt",
                     *           "captions_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.vtt",
                     *           "captions_srt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.srt",
                     *           "embed": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/embed",
                     *           "events": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/events"
                     *         },
                     *         "created_at": "2026-01-31T12:00:00.000Z",
                     *         "updated_at": "2026-01-31T12:00:00.000Z"
                     *       }
                     *     }
                     */
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
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /**
                     * @example {
                     *       "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "status": "recording",
                     *       "type": "video/webm;codecs=vp8,opus",
                     *       "next": 1,
                     *       "missing": [],
                     *       "bytes": 1048576,
                     *       "offset": 1048576,
                     *       "max_chunk_size": 67108864,
                     *       "incomplete": false,
                     *       "expires_at": "2026-01-31T12:00:00.000Z",
                     *       "links": {
                     *         "self": "/recordings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "chunks": "/recordings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/chunks/{n}",
                     *         "finalize": "/recordings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/finalize",
                     *         "upload": "/uploads/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "video": null
                     *       },
                     *       "video": {
                     *         "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "title": "Team meeting",
                     *         "description": "The weekly meeting of the team.",
                     *         "status": "ready",
                     *         "error": null,
                     *         "incomplete": false,
                     *         "filename": "meeting.mp4",
                     *         "content_type": "video/mp4",
                     *         "language": "en",
                     *         "tags": [
                     *           "team",
                     *           "weekly"
                     *         ],
                     *         "size": 1048576,
                     *         "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *         "duration": 61.5,
                     *         "declared_duration": null,
                     *         "width": 1920,
                     *         "height": 1080,
                     *         "rotation": 0,
                     *         "frame_rate": 29.97,
                     *         "bit_rate": 4500000,
                     *         "container": "mp4",
                     *         "video_codec": "h264",
                     *         "audio_codec": "aac",
                     *         "streams": [
                     *           {
                     *             "index": 0,
                     *             "kind": "video",
                     *             "codec": "h264",
                     *             "supported": true,
                     *             "language": "eng",
                     *             "title": "Commentary",
                     *             "default": true,
                     *             "forced": false,
                     *             "selected": true,
                     *             "trimmed": false,
                     *             "transcribed": true,
                     *             "dolby_vision_profile": null,
                     *             "profile": "High",
                     *             "pixel_format": "yuv420p",
                     *             "width": 1920,
                     *             "height": 1080,
                     *             "frame_rate": 29.97,
                     *             "channels": 2,
                     *             "sample_rate": 48000,
                     *             "bit_rate": 4500000
                     *           }
                     *         ],
                     *         "chapters": [
                     *           {
                     *             "start": 0,
                     *             "end": 61.5,
                     *             "title": "Introduction"
                     *           }
                     *         ],
                     *         "playback": "source",
                     *         "steps": [
                     *           {
                     *             "name": "probe",
                     *             "state": "done",
                     *             "progress": 100,
                     *             "attempts": 1,
                     *             "reason": null,
                     *             "error": null,
                     *             "started_at": "2026-01-31T12:00:00.000Z",
                     *             "finished_at": "2026-01-31T12:00:00.000Z"
                     *           }
                     *         ],
                     *         "notes": [],
                     *         "speech_seconds_sent": 61.5,
                     *         "transcript": "Good morning everybody.",
                     *         "links": {
                     *           "self": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *           "stream": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/stream",
                     *           "source": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/source",
                     *           "audio": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/audio",
                     *           "peaks": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/peaks.json",
                     *           "poster": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster",
                     *           "poster_small": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster/small?v=1",
                     *           "storyboard": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.jpg",
                     *           "storyboard_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.vtt",
                     *           "transcript": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript",
                     *           "transcript_txt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript.txt",
                     *           "captions": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions",
                     *           "chapters_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/chapters.vtt",
                     *           "captions_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.vtt",
                     *           "captions_srt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.srt",
                     *           "embed": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/embed",
                     *           "events": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/events"
                     *         },
                     *         "created_at": "2026-01-31T12:00:00.000Z",
                     *         "updated_at": "2026-01-31T12:00:00.000Z"
                     *       }
                     *     }
                     */
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
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
                id: string;
                /**
                 * @description The number of the chunk; the first is 0.
                 * @example 0
                 */
                n: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example (the bytes) */
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
                    /**
                     * @example {
                     *       "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "status": "recording",
                     *       "type": "video/webm;codecs=vp8,opus",
                     *       "next": 1,
                     *       "missing": [],
                     *       "bytes": 1048576,
                     *       "offset": 1048576,
                     *       "max_chunk_size": 67108864,
                     *       "incomplete": false,
                     *       "expires_at": "2026-01-31T12:00:00.000Z",
                     *       "links": {
                     *         "self": "/recordings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "chunks": "/recordings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/chunks/{n}",
                     *         "finalize": "/recordings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/finalize",
                     *         "upload": "/uploads/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "video": null
                     *       },
                     *       "video": {
                     *         "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "title": "Team meeting",
                     *         "description": "The weekly meeting of the team.",
                     *         "status": "ready",
                     *         "error": null,
                     *         "incomplete": false,
                     *         "filename": "meeting.mp4",
                     *         "content_type": "video/mp4",
                     *         "language": "en",
                     *         "tags": [
                     *           "team",
                     *           "weekly"
                     *         ],
                     *         "size": 1048576,
                     *         "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *         "duration": 61.5,
                     *         "declared_duration": null,
                     *         "width": 1920,
                     *         "height": 1080,
                     *         "rotation": 0,
                     *         "frame_rate": 29.97,
                     *         "bit_rate": 4500000,
                     *         "container": "mp4",
                     *         "video_codec": "h264",
                     *         "audio_codec": "aac",
                     *         "streams": [
                     *           {
                     *             "index": 0,
                     *             "kind": "video",
                     *             "codec": "h264",
                     *             "supported": true,
                     *             "language": "eng",
                     *             "title": "Commentary",
                     *             "default": true,
                     *             "forced": false,
                     *             "selected": true,
                     *             "trimmed": false,
                     *             "transcribed": true,
                     *             "dolby_vision_profile": null,
                     *             "profile": "High",
                     *             "pixel_format": "yuv420p",
                     *             "width": 1920,
                     *             "height": 1080,
                     *             "frame_rate": 29.97,
                     *             "channels": 2,
                     *             "sample_rate": 48000,
                     *             "bit_rate": 4500000
                     *           }
                     *         ],
                     *         "chapters": [
                     *           {
                     *             "start": 0,
                     *             "end": 61.5,
                     *             "title": "Introduction"
                     *           }
                     *         ],
                     *         "playback": "source",
                     *         "steps": [
                     *           {
                     *             "name": "probe",
                     *             "state": "done",
                     *             "progress": 100,
                     *             "attempts": 1,
                     *             "reason": null,
                     *             "error": null,
                     *             "started_at": "2026-01-31T12:00:00.000Z",
                     *             "finished_at": "2026-01-31T12:00:00.000Z"
                     *           }
                     *         ],
                     *         "notes": [],
                     *         "speech_seconds_sent": 61.5,
                     *         "transcript": "Good morning everybody.",
                     *         "links": {
                     *           "self": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *           "stream": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/stream",
                     *           "source": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/source",
                     *           "audio": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/audio",
                     *           "peaks": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/peaks.json",
                     *           "poster": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster",
                     *           "poster_small": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster/small?v=1",
                     *           "storyboard": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.jpg",
                     *           "storyboard_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.vtt",
                     *           "transcript": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript",
                     *           "transcript_txt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript.txt",
                     *           "captions": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions",
                     *           "chapters_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/chapters.vtt",
                     *           "captions_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.vtt",
                     *           "captions_srt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.srt",
                     *           "embed": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/embed",
                     *           "events": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/events"
                     *         },
                     *         "created_at": "2026-01-31T12:00:00.000Z",
                     *         "updated_at": "2026-01-31T12:00:00.000Z"
                     *       }
                     *     }
                     */
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
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "chunk": "(the bytes)",
                 *       "index": 0,
                 *       "chunks": 2,
                 *       "allow_gaps": true,
                 *       "is_final": true
                 *     }
                 */
                "multipart/form-data": components["schemas"]["ChunkForm"];
            };
        };
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "status": "recording",
                     *       "type": "video/webm;codecs=vp8,opus",
                     *       "next": 1,
                     *       "missing": [],
                     *       "bytes": 1048576,
                     *       "offset": 1048576,
                     *       "max_chunk_size": 67108864,
                     *       "incomplete": false,
                     *       "expires_at": "2026-01-31T12:00:00.000Z",
                     *       "links": {
                     *         "self": "/recordings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "chunks": "/recordings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/chunks/{n}",
                     *         "finalize": "/recordings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/finalize",
                     *         "upload": "/uploads/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "video": null
                     *       },
                     *       "video": {
                     *         "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "title": "Team meeting",
                     *         "description": "The weekly meeting of the team.",
                     *         "status": "ready",
                     *         "error": null,
                     *         "incomplete": false,
                     *         "filename": "meeting.mp4",
                     *         "content_type": "video/mp4",
                     *         "language": "en",
                     *         "tags": [
                     *           "team",
                     *           "weekly"
                     *         ],
                     *         "size": 1048576,
                     *         "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *         "duration": 61.5,
                     *         "declared_duration": null,
                     *         "width": 1920,
                     *         "height": 1080,
                     *         "rotation": 0,
                     *         "frame_rate": 29.97,
                     *         "bit_rate": 4500000,
                     *         "container": "mp4",
                     *         "video_codec": "h264",
                     *         "audio_codec": "aac",
                     *         "streams": [
                     *           {
                     *             "index": 0,
                     *             "kind": "video",
                     *             "codec": "h264",
                     *             "supported": true,
                     *             "language": "eng",
                     *             "title": "Commentary",
                     *             "default": true,
                     *             "forced": false,
                     *             "selected": true,
                     *             "trimmed": false,
                     *             "transcribed": true,
                     *             "dolby_vision_profile": null,
                     *             "profile": "High",
                     *             "pixel_format": "yuv420p",
                     *             "width": 1920,
                     *             "height": 1080,
                     *             "frame_rate": 29.97,
                     *             "channels": 2,
                     *             "sample_rate": 48000,
                     *             "bit_rate": 4500000
                     *           }
                     *         ],
                     *         "chapters": [
                     *           {
                     *             "start": 0,
                     *             "end": 61.5,
                     *             "title": "Introduction"
                     *           }
                     *         ],
                     *         "playback": "source",
                     *         "steps": [
                     *           {
                     *             "name": "probe",
                     *             "state": "done",
                     *             "progress": 100,
                     *             "attempts": 1,
                     *             "reason": null,
                     *             "error": null,
                     *             "started_at": "2026-01-31T12:00:00.000Z",
                     *             "finished_at": "2026-01-31T12:00:00.000Z"
                     *           }
                     *         ],
                     *         "notes": [],
                     *         "speech_seconds_sent": 61.5,
                     *         "transcript": "Good morning everybody.",
                     *         "links": {
                     *           "self": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *           "stream": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/stream",
                     *           "source": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/source",
                     *           "audio": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/audio",
                     *           "peaks": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/peaks.json",
                     *           "poster": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster",
                     *           "poster_small": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster/small?v=1",
                     *           "storyboard": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.jpg",
                     *           "storyboard_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.vtt",
                     *           "transcript": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript",
                     *           "transcript_txt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript.txt",
                     *           "captions": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions",
                     *           "chapters_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/chapters.vtt",
                     *           "captions_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.vtt",
                     *           "captions_srt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.srt",
                     *           "embed": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/embed",
                     *           "events": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/events"
                     *         },
                     *         "created_at": "2026-01-31T12:00:00.000Z",
                     *         "updated_at": "2026-01-31T12:00:00.000Z"
                     *       }
                     *     }
                     */
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
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "chunks": 2,
                 *       "allow_gaps": true,
                 *       "is_final": true
                 *     }
                 */
                "application/json": {
                    /** @description How many there are. Where it is absent the highest number that came is the last. */
                    chunks?: number;
                    /** @description Close it without the chunks that are missing; the video is `incomplete` then. */
                    allow_gaps?: boolean;
                    /** @description false closes nothing. */
                    is_final?: boolean;
                };
                /**
                 * @example {
                 *       "chunk": "(the bytes)",
                 *       "index": 0,
                 *       "chunks": 2,
                 *       "allow_gaps": true,
                 *       "is_final": true
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "status": "recording",
                     *       "type": "video/webm;codecs=vp8,opus",
                     *       "next": 1,
                     *       "missing": [],
                     *       "bytes": 1048576,
                     *       "offset": 1048576,
                     *       "max_chunk_size": 67108864,
                     *       "incomplete": false,
                     *       "expires_at": "2026-01-31T12:00:00.000Z",
                     *       "links": {
                     *         "self": "/recordings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "chunks": "/recordings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/chunks/{n}",
                     *         "finalize": "/recordings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/finalize",
                     *         "upload": "/uploads/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "video": null
                     *       },
                     *       "video": {
                     *         "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "title": "Team meeting",
                     *         "description": "The weekly meeting of the team.",
                     *         "status": "ready",
                     *         "error": null,
                     *         "incomplete": false,
                     *         "filename": "meeting.mp4",
                     *         "content_type": "video/mp4",
                     *         "language": "en",
                     *         "tags": [
                     *           "team",
                     *           "weekly"
                     *         ],
                     *         "size": 1048576,
                     *         "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *         "duration": 61.5,
                     *         "declared_duration": null,
                     *         "width": 1920,
                     *         "height": 1080,
                     *         "rotation": 0,
                     *         "frame_rate": 29.97,
                     *         "bit_rate": 4500000,
                     *         "container": "mp4",
                     *         "video_codec": "h264",
                     *         "audio_codec": "aac",
                     *         "streams": [
                     *           {
                     *             "index": 0,
                     *             "kind": "video",
                     *             "codec": "h264",
                     *             "supported": true,
                     *             "language": "eng",
                     *             "title": "Commentary",
                     *             "default": true,
                     *             "forced": false,
                     *             "selected": true,
                     *             "trimmed": false,
                     *             "transcribed": true,
                     *             "dolby_vision_profile": null,
                     *             "profile": "High",
                     *             "pixel_format": "yuv420p",
                     *             "width": 1920,
                     *             "height": 1080,
                     *             "frame_rate": 29.97,
                     *             "channels": 2,
                     *             "sample_rate": 48000,
                     *             "bit_rate": 4500000
                     *           }
                     *         ],
                     *         "chapters": [
                     *           {
                     *             "start": 0,
                     *             "end": 61.5,
                     *             "title": "Introduction"
                     *           }
                     *         ],
                     *         "playback": "source",
                     *         "steps": [
                     *           {
                     *             "name": "probe",
                     *             "state": "done",
                     *             "progress": 100,
                     *             "attempts": 1,
                     *             "reason": null,
                     *             "error": null,
                     *             "started_at": "2026-01-31T12:00:00.000Z",
                     *             "finished_at": "2026-01-31T12:00:00.000Z"
                     *           }
                     *         ],
                     *         "notes": [],
                     *         "speech_seconds_sent": 61.5,
                     *         "transcript": "Good morning everybody.",
                     *         "links": {
                     *           "self": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *           "stream": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/stream",
                     *           "source": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/source",
                     *           "audio": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/audio",
                     *           "peaks": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/peaks.json",
                     *           "poster": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster",
                     *           "poster_small": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster/small?v=1",
                     *           "storyboard": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.jpg",
                     *           "storyboard_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.vtt",
                     *           "transcript": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript",
                     *           "transcript_txt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript.txt",
                     *           "captions": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions",
                     *           "chapters_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/chapters.vtt",
                     *           "captions_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.vtt",
                     *           "captions_srt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.srt",
                     *           "embed": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/embed",
                     *           "events": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/events"
                     *         },
                     *         "created_at": "2026-01-31T12:00:00.000Z",
                     *         "updated_at": "2026-01-31T12:00:00.000Z"
                     *       }
                     *     }
                     */
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
                /**
                 * @description Entity tags of what the client has, or `*`.
                 * @example "2"
                 */
                "if-none-match"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /**
                     * @example {
                     *       "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "title": "Team meeting",
                     *       "description": "The weekly meeting of the team.",
                     *       "status": "ready",
                     *       "error": null,
                     *       "incomplete": false,
                     *       "filename": "meeting.mp4",
                     *       "content_type": "video/mp4",
                     *       "language": "en",
                     *       "tags": [
                     *         "team",
                     *         "weekly"
                     *       ],
                     *       "size": 1048576,
                     *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *       "duration": 61.5,
                     *       "declared_duration": null,
                     *       "width": 1920,
                     *       "height": 1080,
                     *       "rotation": 0,
                     *       "frame_rate": 29.97,
                     *       "bit_rate": 4500000,
                     *       "container": "mp4",
                     *       "video_codec": "h264",
                     *       "audio_codec": "aac",
                     *       "streams": [
                     *         {
                     *           "index": 0,
                     *           "kind": "video",
                     *           "codec": "h264",
                     *           "supported": true,
                     *           "language": "eng",
                     *           "title": "Commentary",
                     *           "default": true,
                     *           "forced": false,
                     *           "selected": true,
                     *           "trimmed": false,
                     *           "transcribed": true,
                     *           "dolby_vision_profile": null,
                     *           "profile": "High",
                     *           "pixel_format": "yuv420p",
                     *           "width": 1920,
                     *           "height": 1080,
                     *           "frame_rate": 29.97,
                     *           "channels": 2,
                     *           "sample_rate": 48000,
                     *           "bit_rate": 4500000
                     *         }
                     *       ],
                     *       "chapters": [
                     *         {
                     *           "start": 0,
                     *           "end": 61.5,
                     *           "title": "Introduction"
                     *         }
                     *       ],
                     *       "playback": "source",
                     *       "steps": [
                     *         {
                     *           "name": "probe",
                     *           "state": "done",
                     *           "progress": 100,
                     *           "attempts": 1,
                     *           "reason": null,
                     *           "error": null,
                     *           "started_at": "2026-01-31T12:00:00.000Z",
                     *           "finished_at": "2026-01-31T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "notes": [],
                     *       "speech_seconds_sent": 61.5,
                     *       "transcript": "Good morning everybody.",
                     *       "links": {
                     *         "self": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "stream": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/stream",
                     *         "source": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/source",
                     *         "audio": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/audio",
                     *         "peaks": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/peaks.json",
                     *         "poster": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster",
                     *         "poster_small": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster/small?v=1",
                     *         "storyboard": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.jpg",
                     *         "storyboard_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.vtt",
                     *         "transcript": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript",
                     *         "transcript_txt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript.txt",
                     *         "captions": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions",
                     *         "chapters_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/chapters.vtt",
                     *         "captions_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.vtt",
                     *         "captions_srt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.srt",
                     *         "embed": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/embed",
                     *         "events": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/events"
                     *       },
                     *       "created_at": "2026-01-31T12:00:00.000Z",
                     *       "updated_at": "2026-01-31T12:00:00.000Z"
                     *     }
                     */
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
                /**
                 * @description Entity tags that the video has to have one of, or `*`.
                 * @example "3"
                 */
                "if-match"?: string;
                /**
                 * @description Entity tags that it may not have, or `*`.
                 * @example "2"
                 */
                "if-none-match"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "title": "Team meeting",
                 *       "description": "The weekly meeting of the team.",
                 *       "tags": [
                 *         "team",
                 *         "weekly"
                 *       ],
                 *       "language": "en",
                 *       "transcript": "Good morning everybody."
                 *     }
                 */
                "application/json": components["schemas"]["VideoChanges"];
            };
        };
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "title": "Team meeting",
                     *       "description": "The weekly meeting of the team.",
                     *       "status": "ready",
                     *       "error": null,
                     *       "incomplete": false,
                     *       "filename": "meeting.mp4",
                     *       "content_type": "video/mp4",
                     *       "language": "en",
                     *       "tags": [
                     *         "team",
                     *         "weekly"
                     *       ],
                     *       "size": 1048576,
                     *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *       "duration": 61.5,
                     *       "declared_duration": null,
                     *       "width": 1920,
                     *       "height": 1080,
                     *       "rotation": 0,
                     *       "frame_rate": 29.97,
                     *       "bit_rate": 4500000,
                     *       "container": "mp4",
                     *       "video_codec": "h264",
                     *       "audio_codec": "aac",
                     *       "streams": [
                     *         {
                     *           "index": 0,
                     *           "kind": "video",
                     *           "codec": "h264",
                     *           "supported": true,
                     *           "language": "eng",
                     *           "title": "Commentary",
                     *           "default": true,
                     *           "forced": false,
                     *           "selected": true,
                     *           "trimmed": false,
                     *           "transcribed": true,
                     *           "dolby_vision_profile": null,
                     *           "profile": "High",
                     *           "pixel_format": "yuv420p",
                     *           "width": 1920,
                     *           "height": 1080,
                     *           "frame_rate": 29.97,
                     *           "channels": 2,
                     *           "sample_rate": 48000,
                     *           "bit_rate": 4500000
                     *         }
                     *       ],
                     *       "chapters": [
                     *         {
                     *           "start": 0,
                     *           "end": 61.5,
                     *           "title": "Introduction"
                     *         }
                     *       ],
                     *       "playback": "source",
                     *       "steps": [
                     *         {
                     *           "name": "probe",
                     *           "state": "done",
                     *           "progress": 100,
                     *           "attempts": 1,
                     *           "reason": null,
                     *           "error": null,
                     *           "started_at": "2026-01-31T12:00:00.000Z",
                     *           "finished_at": "2026-01-31T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "notes": [],
                     *       "speech_seconds_sent": 61.5,
                     *       "transcript": "Good morning everybody.",
                     *       "links": {
                     *         "self": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "stream": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/stream",
                     *         "source": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/source",
                     *         "audio": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/audio",
                     *         "peaks": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/peaks.json",
                     *         "poster": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster",
                     *         "poster_small": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster/small?v=1",
                     *         "storyboard": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.jpg",
                     *         "storyboard_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.vtt",
                     *         "transcript": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript",
                     *         "transcript_txt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript.txt",
                     *         "captions": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions",
                     *         "chapters_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/chapters.vtt",
                     *         "captions_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.vtt",
                     *         "captions_srt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.srt",
                     *         "embed": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/embed",
                     *         "events": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/events"
                     *       },
                     *       "created_at": "2026-01-31T12:00:00.000Z",
                     *       "updated_at": "2026-01-31T12:00:00.000Z"
                     *     }
                     */
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
                /**
                 * @description Entity tags that the video has to have one of, or `*`.
                 * @example "3"
                 */
                "if-match"?: string;
                /**
                 * @description Entity tags that it may not have, or `*`.
                 * @example "2"
                 */
                "if-none-match"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                /**
                 * @description Entity tags that the video has to have one of, or `*`.
                 * @example "3"
                 */
                "if-match"?: string;
                /**
                 * @description Entity tags that it may not have, or `*`.
                 * @example "2"
                 */
                "if-none-match"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "title": "Team meeting",
                 *       "description": "The weekly meeting of the team.",
                 *       "tags": [
                 *         "team",
                 *         "weekly"
                 *       ],
                 *       "language": "en",
                 *       "transcript": "Good morning everybody."
                 *     }
                 */
                "application/json": components["schemas"]["VideoChanges"];
            };
        };
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "title": "Team meeting",
                     *       "description": "The weekly meeting of the team.",
                     *       "status": "ready",
                     *       "error": null,
                     *       "incomplete": false,
                     *       "filename": "meeting.mp4",
                     *       "content_type": "video/mp4",
                     *       "language": "en",
                     *       "tags": [
                     *         "team",
                     *         "weekly"
                     *       ],
                     *       "size": 1048576,
                     *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *       "duration": 61.5,
                     *       "declared_duration": null,
                     *       "width": 1920,
                     *       "height": 1080,
                     *       "rotation": 0,
                     *       "frame_rate": 29.97,
                     *       "bit_rate": 4500000,
                     *       "container": "mp4",
                     *       "video_codec": "h264",
                     *       "audio_codec": "aac",
                     *       "streams": [
                     *         {
                     *           "index": 0,
                     *           "kind": "video",
                     *           "codec": "h264",
                     *           "supported": true,
                     *           "language": "eng",
                     *           "title": "Commentary",
                     *           "default": true,
                     *           "forced": false,
                     *           "selected": true,
                     *           "trimmed": false,
                     *           "transcribed": true,
                     *           "dolby_vision_profile": null,
                     *           "profile": "High",
                     *           "pixel_format": "yuv420p",
                     *           "width": 1920,
                     *           "height": 1080,
                     *           "frame_rate": 29.97,
                     *           "channels": 2,
                     *           "sample_rate": 48000,
                     *           "bit_rate": 4500000
                     *         }
                     *       ],
                     *       "chapters": [
                     *         {
                     *           "start": 0,
                     *           "end": 61.5,
                     *           "title": "Introduction"
                     *         }
                     *       ],
                     *       "playback": "source",
                     *       "steps": [
                     *         {
                     *           "name": "probe",
                     *           "state": "done",
                     *           "progress": 100,
                     *           "attempts": 1,
                     *           "reason": null,
                     *           "error": null,
                     *           "started_at": "2026-01-31T12:00:00.000Z",
                     *           "finished_at": "2026-01-31T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "notes": [],
                     *       "speech_seconds_sent": 61.5,
                     *       "transcript": "Good morning everybody.",
                     *       "links": {
                     *         "self": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "stream": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/stream",
                     *         "source": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/source",
                     *         "audio": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/audio",
                     *         "peaks": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/peaks.json",
                     *         "poster": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster",
                     *         "poster_small": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster/small?v=1",
                     *         "storyboard": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.jpg",
                     *         "storyboard_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.vtt",
                     *         "transcript": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript",
                     *         "transcript_txt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript.txt",
                     *         "captions": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions",
                     *         "chapters_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/chapters.vtt",
                     *         "captions_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.vtt",
                     *         "captions_srt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.srt",
                     *         "embed": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/embed",
                     *         "events": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/events"
                     *       },
                     *       "created_at": "2026-01-31T12:00:00.000Z",
                     *       "updated_at": "2026-01-31T12:00:00.000Z"
                     *     }
                     */
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
                /** @example poster */
                step?: "probe" | "playback" | "poster" | "audio" | "transcribe";
            };
            header?: never;
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /**
                     * @example {
                     *       "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "title": "Team meeting",
                     *       "description": "The weekly meeting of the team.",
                     *       "status": "ready",
                     *       "error": null,
                     *       "incomplete": false,
                     *       "filename": "meeting.mp4",
                     *       "content_type": "video/mp4",
                     *       "language": "en",
                     *       "tags": [
                     *         "team",
                     *         "weekly"
                     *       ],
                     *       "size": 1048576,
                     *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *       "duration": 61.5,
                     *       "declared_duration": null,
                     *       "width": 1920,
                     *       "height": 1080,
                     *       "rotation": 0,
                     *       "frame_rate": 29.97,
                     *       "bit_rate": 4500000,
                     *       "container": "mp4",
                     *       "video_codec": "h264",
                     *       "audio_codec": "aac",
                     *       "streams": [
                     *         {
                     *           "index": 0,
                     *           "kind": "video",
                     *           "codec": "h264",
                     *           "supported": true,
                     *           "language": "eng",
                     *           "title": "Commentary",
                     *           "default": true,
                     *           "forced": false,
                     *           "selected": true,
                     *           "trimmed": false,
                     *           "transcribed": true,
                     *           "dolby_vision_profile": null,
                     *           "profile": "High",
                     *           "pixel_format": "yuv420p",
                     *           "width": 1920,
                     *           "height": 1080,
                     *           "frame_rate": 29.97,
                     *           "channels": 2,
                     *           "sample_rate": 48000,
                     *           "bit_rate": 4500000
                     *         }
                     *       ],
                     *       "chapters": [
                     *         {
                     *           "start": 0,
                     *           "end": 61.5,
                     *           "title": "Introduction"
                     *         }
                     *       ],
                     *       "playback": "source",
                     *       "steps": [
                     *         {
                     *           "name": "probe",
                     *           "state": "done",
                     *           "progress": 100,
                     *           "attempts": 1,
                     *           "reason": null,
                     *           "error": null,
                     *           "started_at": "2026-01-31T12:00:00.000Z",
                     *           "finished_at": "2026-01-31T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "notes": [],
                     *       "speech_seconds_sent": 61.5,
                     *       "transcript": "Good morning everybody.",
                     *       "links": {
                     *         "self": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *         "stream": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/stream",
                     *         "source": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/source",
                     *         "audio": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/audio",
                     *         "peaks": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/peaks.json",
                     *         "poster": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster",
                     *         "poster_small": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster/small?v=1",
                     *         "storyboard": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.jpg",
                     *         "storyboard_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.vtt",
                     *         "transcript": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript",
                     *         "transcript_txt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript.txt",
                     *         "captions": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions",
                     *         "chapters_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/chapters.vtt",
                     *         "captions_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.vtt",
                     *         "captions_srt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.srt",
                     *         "embed": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/embed",
                     *         "events": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/events"
                     *       },
                     *       "created_at": "2026-01-31T12:00:00.000Z",
                     *       "updated_at": "2026-01-31T12:00:00.000Z"
                     *     }
                     */
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
                /**
                 * @description The ETag or Last-Modified of what the client has part of.
                 * @example text
                 */
                "if-range"?: string;
                /** @example "2" */
                "if-none-match"?: string;
                /** @example text */
                "if-modified-since"?: string;
                /** @example "3" */
                "if-match"?: string;
                /** @example text */
                "if-unmodified-since"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /** @example (the bytes) */
                    "application/octet-stream": Blob;
                };
            };
            /** @description The range that was asked for, or several as parts. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example (the bytes) */
                    "application/octet-stream": Blob;
                    /**
                     * @example --a1b2
                     *     Content-Range: bytes 0-1/1048576
                     *
                     *     …
                     *     --a1b2--
                     */
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
                /**
                 * @description The ETag or Last-Modified of what the client has part of.
                 * @example text
                 */
                "if-range"?: string;
                /** @example "2" */
                "if-none-match"?: string;
                /** @example text */
                "if-modified-since"?: string;
                /** @example "3" */
                "if-match"?: string;
                /** @example text */
                "if-unmodified-since"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /** @example (the bytes) */
                    "application/octet-stream": Blob;
                };
            };
            /** @description The range that was asked for, or several as parts. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example (the bytes) */
                    "application/octet-stream": Blob;
                    /**
                     * @example --a1b2
                     *     Content-Range: bytes 0-1/1048576
                     *
                     *     …
                     *     --a1b2--
                     */
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
                /**
                 * @description The `index` of one of the video’s `streams`. Default: the selected sound.
                 * @example 0
                 */
                track?: number;
            };
            header?: {
                /**
                 * @description One range or several.
                 * @example bytes=0-1023
                 */
                range?: string;
                /**
                 * @description The ETag or Last-Modified of what the client has part of.
                 * @example text
                 */
                "if-range"?: string;
                /** @example "2" */
                "if-none-match"?: string;
                /** @example text */
                "if-modified-since"?: string;
                /** @example "3" */
                "if-match"?: string;
                /** @example text */
                "if-unmodified-since"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /** @example (the bytes) */
                    "application/octet-stream": Blob;
                };
            };
            /** @description The range that was asked for, or several as parts. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example (the bytes) */
                    "application/octet-stream": Blob;
                    /**
                     * @example --a1b2
                     *     Content-Range: bytes 0-1/1048576
                     *
                     *     …
                     *     --a1b2--
                     */
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
                /**
                 * @description The ETag or Last-Modified of what the client has part of.
                 * @example text
                 */
                "if-range"?: string;
                /** @example "2" */
                "if-none-match"?: string;
                /** @example text */
                "if-modified-since"?: string;
                /** @example "3" */
                "if-match"?: string;
                /** @example text */
                "if-unmodified-since"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /** @example (the bytes) */
                    "image/jpeg": Blob;
                };
            };
            /** @description The range that was asked for, or several as parts. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example (the bytes) */
                    "image/jpeg": Blob;
                    /**
                     * @example --a1b2
                     *     Content-Range: bytes 0-1/1048576
                     *
                     *     …
                     *     --a1b2--
                     */
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
                /**
                 * @description The ETag or Last-Modified of what the client has part of.
                 * @example text
                 */
                "if-range"?: string;
                /** @example "2" */
                "if-none-match"?: string;
                /** @example text */
                "if-modified-since"?: string;
                /** @example "3" */
                "if-match"?: string;
                /** @example text */
                "if-unmodified-since"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /** @example (the bytes) */
                    "image/jpeg": Blob;
                };
            };
            /** @description The range that was asked for, or several as parts. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example (the bytes) */
                    "image/jpeg": Blob;
                    /**
                     * @example --a1b2
                     *     Content-Range: bytes 0-1/1048576
                     *
                     *     …
                     *     --a1b2--
                     */
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
                /**
                 * @description The ETag or Last-Modified of what the client has part of.
                 * @example text
                 */
                "if-range"?: string;
                /** @example "2" */
                "if-none-match"?: string;
                /** @example text */
                "if-modified-since"?: string;
                /** @example "3" */
                "if-match"?: string;
                /** @example text */
                "if-unmodified-since"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /** @example (the bytes) */
                    "image/jpeg": Blob;
                };
            };
            /** @description The range that was asked for, or several as parts. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example (the bytes) */
                    "image/jpeg": Blob;
                    /**
                     * @example --a1b2
                     *     Content-Range: bytes 0-1/1048576
                     *
                     *     …
                     *     --a1b2--
                     */
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
                /**
                 * @description The ETag or Last-Modified of what the client has part of.
                 * @example text
                 */
                "if-range"?: string;
                /** @example "2" */
                "if-none-match"?: string;
                /** @example text */
                "if-modified-since"?: string;
                /** @example "3" */
                "if-match"?: string;
                /** @example text */
                "if-unmodified-since"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /**
                     * @example WEBVTT
                     *
                     *     00:00:00.000 --> 00:00:10.000
                     *     storyboard.jpg#xywh=0,0,160,90
                     */
                    "text/vtt": string;
                };
            };
            /** @description The range that was asked for, or several as parts. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example WEBVTT
                     *
                     *     00:00:00.000 --> 00:00:10.000
                     *     storyboard.jpg#xywh=0,0,160,90
                     */
                    "text/vtt": Blob;
                    /**
                     * @example WEBVTT
                     *
                     *     00:00:00.000 --> 00:00:10.000
                     *     storyboard.jpg#xywh=0,0,160,90
                     */
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
                /**
                 * @description The ETag or Last-Modified of what the client has part of.
                 * @example text
                 */
                "if-range"?: string;
                /** @example "2" */
                "if-none-match"?: string;
                /** @example text */
                "if-modified-since"?: string;
                /** @example "3" */
                "if-match"?: string;
                /** @example text */
                "if-unmodified-since"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /**
                     * @example {
                     *       "sample_rate": 48000,
                     *       "samples_per_pixel": 512,
                     *       "length": 2,
                     *       "data": [
                     *         -12,
                     *         14,
                     *         -80,
                     *         73
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Peaks"];
                };
            };
            /** @description The range that was asked for, or several as parts. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example (the bytes) */
                    "application/json": Blob;
                    /**
                     * @example --a1b2
                     *     Content-Range: bytes 0-1/1048576
                     *
                     *     …
                     *     --a1b2--
                     */
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
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /** @example <!doctype html><html lang="en"><title>Team meeting</title><video controls></video></html> */
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
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "kinds": [
                 *         "stream"
                 *       ],
                 *       "expires_in": 3600
                 *     }
                 */
                "application/json": components["schemas"]["LinkRequest"];
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "expires_at": "2026-01-31T12:00:00.000Z",
                     *       "links": {
                     *         "stream": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/stream",
                     *         "source": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/source",
                     *         "audio": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/audio",
                     *         "poster": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster",
                     *         "poster_small": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/poster/small?v=1",
                     *         "captions": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions",
                     *         "captions_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.vtt",
                     *         "captions_srt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.srt",
                     *         "chapters_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/chapters.vtt",
                     *         "storyboard": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.jpg",
                     *         "storyboard_vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/storyboard.vtt",
                     *         "embed": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/embed",
                     *         "events": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/events"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["SignedLinks"];
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
                /**
                 * @example {
                 *       "max_size": 1073741824,
                 *       "expires_in": 3600,
                 *       "owner": "ann"
                 *     }
                 */
                "application/json": components["schemas"]["UploadLinkRequest"];
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "url": "/uploads?link=2mT0…",
                     *       "max_size": 1073741824,
                     *       "expires_at": "2026-01-31T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["UploadLink"];
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
                /**
                 * @description Entity tags of what the client has, or `*`.
                 * @example "2"
                 */
                "if-none-match"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /**
                     * @example {
                     *       "video_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "revision": 2,
                     *       "origin": "machine",
                     *       "language": "en",
                     *       "model": "whisper-1",
                     *       "options": {
                     *         "language": "en",
                     *         "response_format": "verbose_json",
                     *         "timestamp_granularities": [
                     *           "text"
                     *         ]
                     *       },
                     *       "source_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *       "partial": false,
                     *       "speech_share": 0.82,
                     *       "restored_from": null,
                     *       "created_at": "2026-01-31T12:00:00.000Z",
                     *       "text": "Good morning everybody.",
                     *       "segments": [
                     *         {
                     *           "start": 1.2,
                     *           "end": 3.4,
                     *           "text": "Good morning everybody.",
                     *           "speaker": "Ann",
                     *           "words": [
                     *             {
                     *               "start": 1.2,
                     *               "end": 3.4,
                     *               "text": "Good"
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "gaps": [],
                     *       "dropped": []
                     *     }
                     */
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
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "language": "en",
                 *       "segments": [
                 *         {
                 *           "start": 1.2,
                 *           "end": 3.4,
                 *           "text": "Good morning everybody.",
                 *           "speaker": "text",
                 *           "words": []
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["NewTranscript"];
            };
        };
        responses: {
            /** @description What was asked for, as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "video_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "revision": 2,
                     *       "origin": "machine",
                     *       "language": "en",
                     *       "model": "whisper-1",
                     *       "options": {
                     *         "language": "en",
                     *         "response_format": "verbose_json",
                     *         "timestamp_granularities": [
                     *           "text"
                     *         ]
                     *       },
                     *       "source_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *       "partial": false,
                     *       "speech_share": 0.82,
                     *       "restored_from": null,
                     *       "created_at": "2026-01-31T12:00:00.000Z",
                     *       "text": "Good morning everybody.",
                     *       "segments": [
                     *         {
                     *           "start": 1.2,
                     *           "end": 3.4,
                     *           "text": "Good morning everybody.",
                     *           "speaker": "Ann",
                     *           "words": [
                     *             {
                     *               "start": 1.2,
                     *               "end": 3.4,
                     *               "text": "Good"
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "gaps": [],
                     *       "dropped": []
                     *     }
                     */
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
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "video_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *           "revision": 2,
                     *           "origin": "machine",
                     *           "language": "en",
                     *           "model": "whisper-1",
                     *           "options": {
                     *             "language": "en",
                     *             "response_format": "verbose_json",
                     *             "timestamp_granularities": [
                     *               "text"
                     *             ]
                     *           },
                     *           "source_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *           "partial": false,
                     *           "speech_share": 0.82,
                     *           "restored_from": null,
                     *           "created_at": "2026-01-31T12:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["RevisionList"];
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
                /**
                 * @description Entity tags of what the client has, or `*`.
                 * @example "2"
                 */
                "if-none-match"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
                id: string;
                /** @example 2 */
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
                    /**
                     * @example {
                     *       "video_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "revision": 2,
                     *       "origin": "machine",
                     *       "language": "en",
                     *       "model": "whisper-1",
                     *       "options": {
                     *         "language": "en",
                     *         "response_format": "verbose_json",
                     *         "timestamp_granularities": [
                     *           "text"
                     *         ]
                     *       },
                     *       "source_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *       "partial": false,
                     *       "speech_share": 0.82,
                     *       "restored_from": null,
                     *       "created_at": "2026-01-31T12:00:00.000Z",
                     *       "text": "Good morning everybody.",
                     *       "segments": [
                     *         {
                     *           "start": 1.2,
                     *           "end": 3.4,
                     *           "text": "Good morning everybody.",
                     *           "speaker": "Ann",
                     *           "words": [
                     *             {
                     *               "start": 1.2,
                     *               "end": 3.4,
                     *               "text": "Good"
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "gaps": [],
                     *       "dropped": []
                     *     }
                     */
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
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
                id: string;
                /** @example 2 */
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
                    /**
                     * @example {
                     *       "video_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "revision": 2,
                     *       "origin": "machine",
                     *       "language": "en",
                     *       "model": "whisper-1",
                     *       "options": {
                     *         "language": "en",
                     *         "response_format": "verbose_json",
                     *         "timestamp_granularities": [
                     *           "text"
                     *         ]
                     *       },
                     *       "source_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *       "partial": false,
                     *       "speech_share": 0.82,
                     *       "restored_from": null,
                     *       "created_at": "2026-01-31T12:00:00.000Z",
                     *       "text": "Good morning everybody.",
                     *       "segments": [
                     *         {
                     *           "start": 1.2,
                     *           "end": 3.4,
                     *           "text": "Good morning everybody.",
                     *           "speaker": "Ann",
                     *           "words": [
                     *             {
                     *               "start": 1.2,
                     *               "end": 3.4,
                     *               "text": "Good"
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "gaps": [],
                     *       "dropped": []
                     *     }
                     */
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
                /**
                 * @description The ETag or Last-Modified of what the client has part of.
                 * @example text
                 */
                "if-range"?: string;
                /** @example "2" */
                "if-none-match"?: string;
                /** @example text */
                "if-modified-since"?: string;
                /** @example "3" */
                "if-match"?: string;
                /** @example text */
                "if-unmodified-since"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /**
                     * @example WEBVTT
                     *
                     *     00:00:01.200 --> 00:00:03.400
                     *     <v Ann>Good morning everybody.
                     */
                    "text/vtt": string;
                };
            };
            /** @description A part of it. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example WEBVTT
                     *
                     *     00:00:01.200 --> 00:00:03.400
                     *     <v Ann>Good morning everybody.
                     */
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
                /**
                 * @description The ETag or Last-Modified of what the client has part of.
                 * @example text
                 */
                "if-range"?: string;
                /** @example "2" */
                "if-none-match"?: string;
                /** @example text */
                "if-modified-since"?: string;
                /** @example "3" */
                "if-match"?: string;
                /** @example text */
                "if-unmodified-since"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /**
                     * @example 1
                     *     00:00:01,200 --> 00:00:03,400
                     *     Ann: Good morning everybody.
                     */
                    "application/x-subrip": string;
                };
            };
            /** @description A part of it. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example 1
                     *     00:00:01,200 --> 00:00:03,400
                     *     Ann: Good morning everybody.
                     */
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
                /**
                 * @description The ETag or Last-Modified of what the client has part of.
                 * @example text
                 */
                "if-range"?: string;
                /** @example "2" */
                "if-none-match"?: string;
                /** @example text */
                "if-modified-since"?: string;
                /** @example "3" */
                "if-match"?: string;
                /** @example text */
                "if-unmodified-since"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /** @example Good morning everybody. */
                    "text/plain": string;
                };
            };
            /** @description A part of it. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example Good morning everybody. */
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
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "source": "transcript",
                     *           "track": 1,
                     *           "codec": "subrip",
                     *           "language": "eng",
                     *           "title": "For the hard of hearing",
                     *           "default": true,
                     *           "forced": false,
                     *           "vtt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.vtt",
                     *           "srt": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/captions.srt"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["CaptionsList"];
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
                /**
                 * @description The ETag or Last-Modified of what the client has part of.
                 * @example text
                 */
                "if-range"?: string;
                /** @example "2" */
                "if-none-match"?: string;
                /** @example text */
                "if-modified-since"?: string;
                /** @example "3" */
                "if-match"?: string;
                /** @example text */
                "if-unmodified-since"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /**
                     * @example WEBVTT
                     *
                     *     00:00:01.200 --> 00:00:03.400
                     *     <v Ann>Good morning everybody.
                     */
                    "text/vtt": string;
                    /**
                     * @example 1
                     *     00:00:01,200 --> 00:00:03,400
                     *     Ann: Good morning everybody.
                     */
                    "application/x-subrip": string;
                };
            };
            /** @description A part of it. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example WEBVTT
                     *
                     *     00:00:01.200 --> 00:00:03.400
                     *     <v Ann>Good morning everybody.
                     */
                    "text/vtt": string;
                    /**
                     * @example 1
                     *     00:00:01,200 --> 00:00:03,400
                     *     Ann: Good morning everybody.
                     */
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
                /**
                 * @description The ETag or Last-Modified of what the client has part of.
                 * @example text
                 */
                "if-range"?: string;
                /** @example "2" */
                "if-none-match"?: string;
                /** @example text */
                "if-modified-since"?: string;
                /** @example "3" */
                "if-match"?: string;
                /** @example text */
                "if-unmodified-since"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /**
                     * @example WEBVTT
                     *
                     *     00:00:00.000 --> 00:01:01.500
                     *     Introduction
                     */
                    "text/vtt": string;
                };
            };
            /** @description A part of it. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example WEBVTT
                     *
                     *     00:00:00.000 --> 00:01:01.500
                     *     Introduction
                     */
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
                /** @example 42 */
                "last-event-id"?: string;
            };
            path: {
                /**
                 * @description The id of the video, which is the id of its upload.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
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
                    /**
                     * @example id: 42
                     *     event: video
                     *     data: {"id":"019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071","status":"ready"}
                     */
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *           "url": "https://example.com/longtake",
                     *           "events": [
                     *             "video.uploaded"
                     *           ],
                     *           "disabled_at": null,
                     *           "created_at": "2026-01-31T12:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookList"];
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
                /**
                 * @example {
                 *       "url": "https://example.com/longtake",
                 *       "events": [
                 *         "video.uploaded"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["NewWebhook"];
            };
        };
        responses: {
            /** @description It was made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "url": "https://example.com/longtake",
                     *       "events": [
                     *         "video.uploaded"
                     *       ],
                     *       "disabled_at": null,
                     *       "created_at": "2026-01-31T12:00:00.000Z",
                     *       "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
                     *     }
                     */
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
                /** @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071 */
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
                    /**
                     * @example {
                     *       "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "url": "https://example.com/longtake",
                     *       "events": [
                     *         "video.uploaded"
                     *       ],
                     *       "disabled_at": null,
                     *       "created_at": "2026-01-31T12:00:00.000Z"
                     *     }
                     */
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
                /** @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071 */
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
                /** @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071 */
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
                    /**
                     * @example {
                     *       "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "url": "https://example.com/longtake",
                     *       "events": [
                     *         "video.uploaded"
                     *       ],
                     *       "disabled_at": null,
                     *       "created_at": "2026-01-31T12:00:00.000Z",
                     *       "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
                     *     }
                     */
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
                /** @example 24 */
                limit?: number;
                /**
                 * @description The `next_before` of the page before.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
                before?: string;
                /** @example pending */
                state?: "pending" | "delivered" | "failed";
            };
            header?: never;
            path: {
                /** @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071 */
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
                    /**
                     * @example {
                     *       "items": [
                     *         {
                     *           "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *           "event_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *           "type": "video.uploaded",
                     *           "video_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *           "time": "2026-01-31T12:00:00.000Z",
                     *           "state": "pending",
                     *           "attempts": 1,
                     *           "attempted_at": "2026-01-31T12:00:00.000Z",
                     *           "next_attempt_at": null,
                     *           "response_status": 204,
                     *           "response_body": null,
                     *           "error": null
                     *         }
                     *       ],
                     *       "next_before": null
                     *     }
                     */
                    "application/json": components["schemas"]["DeliveryList"];
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
                /** @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071 */
                id: string;
                /** @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071 */
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
                    /**
                     * @example {
                     *       "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "event_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "type": "video.uploaded",
                     *       "video_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
                     *       "time": "2026-01-31T12:00:00.000Z",
                     *       "state": "pending",
                     *       "attempts": 1,
                     *       "attempted_at": "2026-01-31T12:00:00.000Z",
                     *       "next_attempt_at": null,
                     *       "response_status": 204,
                     *       "response_body": null,
                     *       "error": null
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "ok"
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "success",
                     *       "message": "Videos.",
                     *       "data": [
                     *         {
                     *           "id": 17,
                     *           "title": "Team meeting",
                     *           "description": "The weekly meeting of the team.",
                     *           "video_url": "/api/videos/17/stream/",
                     *           "transcript": "Good morning everybody.",
                     *           "last_played": "2026-01-31T12:00:00.000Z",
                     *           "created_at": "2026-01-31T12:00:00.000Z"
                     *         }
                     *       ]
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                /**
                 * @example {
                 *       "title": "Team meeting",
                 *       "description": "The weekly meeting of the team.",
                 *       "video": "(the bytes)"
                 *     }
                 */
                "multipart/form-data": {
                    /** @example Team meeting */
                    title: string;
                    description?: string;
                    /** Format: binary */
                    video: Blob;
                };
                /**
                 * @example {
                 *       "title": "Team meeting",
                 *       "description": "The weekly meeting of the team.",
                 *       "video": "(the bytes)"
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "status": "success",
                     *       "message": "The video was uploaded.",
                     *       "data": {
                     *         "id": 17,
                     *         "title": "Team meeting",
                     *         "description": "The weekly meeting of the team.",
                     *         "video_url": "/api/videos/17/stream/",
                     *         "transcript": "Good morning everybody.",
                     *         "last_played": "2026-01-31T12:00:00.000Z",
                     *         "created_at": "2026-01-31T12:00:00.000Z"
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "success",
                     *       "message": "The video.",
                     *       "data": {
                     *         "id": 17,
                     *         "title": "Team meeting",
                     *         "description": "The weekly meeting of the team.",
                     *         "video_url": "/api/videos/17/stream/",
                     *         "transcript": "Good morning everybody.",
                     *         "last_played": "2026-01-31T12:00:00.000Z",
                     *         "created_at": "2026-01-31T12:00:00.000Z"
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                /**
                 * @example {
                 *       "transcript": "Good morning, everyone.",
                 *       "title": "text",
                 *       "description": "The weekly meeting of the team."
                 *     }
                 */
                "application/json": {
                    /** @example Good morning, everyone. */
                    transcript?: string;
                    title?: string;
                    description?: string;
                };
                /**
                 * @example {
                 *       "transcript": "Good morning, everyone.",
                 *       "title": "text",
                 *       "description": "The weekly meeting of the team."
                 *     }
                 */
                "application/x-www-form-urlencoded": {
                    /** @example Good morning, everyone. */
                    transcript?: string;
                    title?: string;
                    description?: string;
                };
                /**
                 * @example {
                 *       "transcript": "Good morning, everyone.",
                 *       "title": "text",
                 *       "description": "The weekly meeting of the team."
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "status": "success",
                     *       "message": "The video was changed.",
                     *       "data": {
                     *         "id": 17,
                     *         "title": "Team meeting",
                     *         "description": "The weekly meeting of the team.",
                     *         "video_url": "/api/videos/17/stream/",
                     *         "transcript": "Good morning everybody.",
                     *         "last_played": "2026-01-31T12:00:00.000Z",
                     *         "created_at": "2026-01-31T12:00:00.000Z"
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "success",
                     *       "message": "The video was deleted.",
                     *       "data": null
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                /**
                 * @description The ETag or Last-Modified of what the client has part of.
                 * @example text
                 */
                "if-range"?: string;
                /** @example "2" */
                "if-none-match"?: string;
                /** @example text */
                "if-modified-since"?: string;
                /** @example "3" */
                "if-match"?: string;
                /** @example text */
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
                    /** @example (the bytes) */
                    "video/mp4": Blob;
                };
            };
            /** @description The range that was asked for. */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example (the bytes) */
                    "video/mp4": Blob;
                };
            };
            /** @description The request failed. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "status": "error",
                     *       "message": "The video was not found.",
                     *       "data": {
                     *         "title": [
                     *           "This field is required."
                     *         ]
                     *       }
                     *     }
                     */
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
                /**
                 * @example {
                 *       "title": "Stand-up"
                 *     }
                 */
                "application/json": {
                    /** @example Stand-up */
                    title?: string;
                };
                /**
                 * @example {
                 *       "title": "Stand-up"
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "session_id": "01976c1e-27b5-7f3d-8a52-0c1d7a3f5b11"
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                /**
                 * @example {
                 *       "session_id": "01976c1e-27b5-7f3d-8a52-0c1d7a3f5b11",
                 *       "video_chunk": "(the bytes)",
                 *       "chunk_number": 1
                 *     }
                 */
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
                /**
                 * @example {
                 *       "session_id": "01976c1e-27b5-7f3d-8a52-0c1d7a3f5b11",
                 *       "video_chunk": "(the bytes)",
                 *       "chunk_number": 1
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "message": "The chunk was received."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                /**
                 * @example {
                 *       "session_id": "01976c1e-27b5-7f3d-8a52-0c1d7a3f5b11",
                 *       "video_chunk": "(the bytes)",
                 *       "chunk_number": 1,
                 *       "is_final": true
                 *     }
                 */
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
                /**
                 * @example {
                 *       "session_id": "01976c1e-27b5-7f3d-8a52-0c1d7a3f5b11",
                 *       "video_chunk": "(the bytes)",
                 *       "chunk_number": 1,
                 *       "is_final": true
                 *     }
                 */
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
                    /**
                     * @example {
                     *       "message": "The recording is complete."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "recorded_data": {
                     *         "session_id": "text",
                     *         "status": "recording",
                     *         "file_url": "text",
                     *         "audio_file": "text",
                     *         "transcript": "/videos/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/transcript"
                     *       }
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
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
                    /**
                     * @example {
                     *       "message": "The session was not found."
                     *     }
                     */
                    "application/json": {
                        /** @example The session was not found. */
                        message: string;
                    };
                };
            };
        };
    };
    onVideoUploaded: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The same for all attempts to deliver an event.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
                "webhook-id": string;
                /**
                 * @description When this attempt was made, in seconds since 1970.
                 * @example 1769860800
                 */
                "webhook-timestamp": string;
                /**
                 * @description Signatures of `id.timestamp.body` by HMAC-SHA256, separated by spaces (Standard Webhooks).
                 * @example v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
                 */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "type": "video.uploaded",
                 *       "timestamp": "2026-01-31T12:00:00.000Z",
                 *       "data": {
                 *         "video_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071"
                 *       }
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    type?: "video.uploaded";
                } & components["schemas"]["WebhookMessage"];
            };
        };
        responses: {
            /** @description The webhook is disabled: it receives nothing more. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The event is accepted. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onVideoProbed: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The same for all attempts to deliver an event.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
                "webhook-id": string;
                /**
                 * @description When this attempt was made, in seconds since 1970.
                 * @example 1769860800
                 */
                "webhook-timestamp": string;
                /**
                 * @description Signatures of `id.timestamp.body` by HMAC-SHA256, separated by spaces (Standard Webhooks).
                 * @example v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
                 */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "type": "video.probed",
                 *       "timestamp": "2026-01-31T12:00:00.000Z",
                 *       "data": {
                 *         "video_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071"
                 *       }
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    type?: "video.probed";
                } & components["schemas"]["WebhookMessage"];
            };
        };
        responses: {
            /** @description The webhook is disabled: it receives nothing more. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The event is accepted. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onVideoAudioExtracted: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The same for all attempts to deliver an event.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
                "webhook-id": string;
                /**
                 * @description When this attempt was made, in seconds since 1970.
                 * @example 1769860800
                 */
                "webhook-timestamp": string;
                /**
                 * @description Signatures of `id.timestamp.body` by HMAC-SHA256, separated by spaces (Standard Webhooks).
                 * @example v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
                 */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "type": "video.audio_extracted",
                 *       "timestamp": "2026-01-31T12:00:00.000Z",
                 *       "data": {
                 *         "video_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071"
                 *       }
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    type?: "video.audio_extracted";
                } & components["schemas"]["WebhookMessage"];
            };
        };
        responses: {
            /** @description The webhook is disabled: it receives nothing more. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The event is accepted. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onVideoTranscribed: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The same for all attempts to deliver an event.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
                "webhook-id": string;
                /**
                 * @description When this attempt was made, in seconds since 1970.
                 * @example 1769860800
                 */
                "webhook-timestamp": string;
                /**
                 * @description Signatures of `id.timestamp.body` by HMAC-SHA256, separated by spaces (Standard Webhooks).
                 * @example v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
                 */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "type": "video.transcribed",
                 *       "timestamp": "2026-01-31T12:00:00.000Z",
                 *       "data": {
                 *         "video_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071"
                 *       }
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    type?: "video.transcribed";
                } & components["schemas"]["WebhookMessage"];
            };
        };
        responses: {
            /** @description The webhook is disabled: it receives nothing more. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The event is accepted. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onVideoReady: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The same for all attempts to deliver an event.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
                "webhook-id": string;
                /**
                 * @description When this attempt was made, in seconds since 1970.
                 * @example 1769860800
                 */
                "webhook-timestamp": string;
                /**
                 * @description Signatures of `id.timestamp.body` by HMAC-SHA256, separated by spaces (Standard Webhooks).
                 * @example v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
                 */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "type": "video.ready",
                 *       "timestamp": "2026-01-31T12:00:00.000Z",
                 *       "data": {
                 *         "video_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071"
                 *       }
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    type?: "video.ready";
                } & components["schemas"]["WebhookMessage"];
            };
        };
        responses: {
            /** @description The webhook is disabled: it receives nothing more. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The event is accepted. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onVideoFailed: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The same for all attempts to deliver an event.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
                "webhook-id": string;
                /**
                 * @description When this attempt was made, in seconds since 1970.
                 * @example 1769860800
                 */
                "webhook-timestamp": string;
                /**
                 * @description Signatures of `id.timestamp.body` by HMAC-SHA256, separated by spaces (Standard Webhooks).
                 * @example v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
                 */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "type": "video.failed",
                 *       "timestamp": "2026-01-31T12:00:00.000Z",
                 *       "data": {
                 *         "video_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071"
                 *       }
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    type?: "video.failed";
                } & components["schemas"]["WebhookMessage"];
            };
        };
        responses: {
            /** @description The webhook is disabled: it receives nothing more. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The event is accepted. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onVideoDeleted: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The same for all attempts to deliver an event.
                 * @example 019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071
                 */
                "webhook-id": string;
                /**
                 * @description When this attempt was made, in seconds since 1970.
                 * @example 1769860800
                 */
                "webhook-timestamp": string;
                /**
                 * @description Signatures of `id.timestamp.body` by HMAC-SHA256, separated by spaces (Standard Webhooks).
                 * @example v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
                 */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "type": "video.deleted",
                 *       "timestamp": "2026-01-31T12:00:00.000Z",
                 *       "data": {
                 *         "video_id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071"
                 *       }
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    type?: "video.deleted";
                } & components["schemas"]["WebhookMessage"];
            };
        };
        responses: {
            /** @description The webhook is disabled: it receives nothing more. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The event is accepted. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
