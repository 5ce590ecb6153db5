// Generated from the Python types by `make web-types`. Do not edit.

export interface paths {
    "/api/admin/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List invitations (admins) */
        get: operations["list_invitations"];
        put?: never;
        /** Invite somebody (admins); the code is shown this once and is good for 7 days */
        post: operations["invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/invitations/{invitation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take back an invitation that nobody has used (admins) */
        delete: operations["withdraw_invitation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show what everybody has used, how long it took, who uses most, and how queues, workers and consumers do now (admins) */
        get: operations["show_all_usage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List accounts, oldest first (admins) */
        get: operations["list_users"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Erase an account and everything that belongs to it, for good (admins) */
        delete: operations["erase_user"];
        options?: never;
        head?: never;
        /** Disable, enable or promote an account (admins); a disabled one is signed out */
        patch: operations["change_user"];
        trace?: never;
    };
    "/api/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in with a password */
        post: operations["auth_login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End this session */
        post: operations["auth_logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/logout-everywhere": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End every session of the user */
        post: operations["auth_logout_everywhere"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Renew a session. A refresh token is good once: a second use ends its session */
        post: operations["auth_refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make an account and sign in; with a code unless registration is open */
        post: operations["auth_register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List my conversations: pinned ones, then the newest */
        get: operations["list_conversations"];
        put?: never;
        /** Make a conversation with a system prompt and defaults; a prompt makes one by itself */
        post: operations["create_conversation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{conversation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a conversation with its tree of messages */
        get: operations["read_conversation"];
        put?: never;
        post?: never;
        /** Erase a conversation from the store and from both logs, for good */
        delete: operations["delete_conversation"];
        options?: never;
        head?: never;
        /** Rename, pin, archive, choose a branch, or set defaults */
        patch: operations["change_conversation"];
        trace?: never;
    };
    "/api/conversations/{conversation_id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download one conversation */
        get: operations["export_conversation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{conversation_id}/messages/{message_id}/feedback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Say whether an answer is good or bad, and why */
        put: operations["give_feedback"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/conversations/{conversation_id}/share": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a public link to a branch; an earlier link ends */
        post: operations["share_conversation"];
        /** Take the public link back */
        delete: operations["unshare_conversation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Hear what the user's other devices do, as server-sent events. `event: running` comes first and lists the replies that run; then `event: conversation` and `event: reply` follow as things happen. `id:` is a cursor: with it there is no `running`, but all that was missed. One that is older than the log is answered with a `running` that has `reset`. At most 8 at once */
        get: operations["read_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download all my conversations, those that changed last at the end */
        get: operations["export_everything"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Import a file of this shape, or ChatGPT's `conversations.json` (a list) as it is; at most 32 MiB */
        post: operations["import_conversations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List my API keys */
        get: operations["list_keys"];
        put?: never;
        /** Make an API key, which is shown this once */
        post: operations["make_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete one of my API keys */
        delete: operations["delete_key"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show my account */
        get: operations["show_me"];
        put?: never;
        post?: never;
        /** Erase my account and everything that belongs to it, for good */
        delete: operations["erase_me"];
        options?: never;
        head?: never;
        /** Change my name or preferences */
        patch: operations["change_me"];
        trace?: never;
    };
    "/api/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change my password; all other sessions end */
        post: operations["change_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List where I am signed in */
        get: operations["list_sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Sign out elsewhere */
        delete: operations["end_session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/prompts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say something in a conversation; the reply runs to its end whoever listens */
        post: operations["submit_prompt"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/replies/{reply_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a reply now, whether it waits or runs. Its text so far stays. A repeat returns the same */
        post: operations["cancel_reply"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/replies/{reply_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a reply as server-sent events, from any place in it. `id:` is a cursor; `event: queue` says where the reply stands while it waits for a worker, `event: attempt` says that another worker took over, `event: caught_up` that what follows is live */
        get: operations["read_reply"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/replies/{reply_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for another answer to the same message, beside the first one, which may still be running. 404 also when the log does not hold the prompt any more */
        post: operations["retry_reply"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Find conversations by words and quoted phrases of their titles and messages */
        get: operations["search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/shared/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show what a public link leads to */
        get: operations["read_shared"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show what I have used: replies, tokens and cost, by model and over time. A reply is counted a second or two after its end */
        get: operations["show_usage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document as a page */
        get: operations["docs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs/docs.css": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The page's style */
        get: operations["docs_docs_css"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs/docs.js": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The page's script */
        get: operations["docs_docs_js"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Is the process alive */
        get: operations["healthz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["openapi_json"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Can prompts be answered */
        get: operations["readyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chat/completions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Complete a chat, streaming or not */
        post: operations["create_chat_completion"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the models */
        get: operations["list_models"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{model}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show one model; its id may contain slashes */
        get: operations["retrieve_model"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ws": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Open a WebSocket: prompts, cancels and any number of replies on one connection. Its messages, and the ways to send a key, are in docs/websocket.md */
        get: operations["open_socket"];
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
        /**
         * AcceptedPrompt
         * @description The prompt's ids; its reply is read at ``/api/replies/{reply_id}/events``.
         */
        AcceptedPrompt: {
            assistant_message_id: string;
            conversation_id: string | null;
            /**
             * @description Of the conversation's oldest, which the model's context cannot hold
             * @default 0
             */
            omitted_messages?: number;
            reply_id: string;
            user_message_id: string;
        };
        /**
         * ActiveSession
         * @description One sign-in; ``current``: the request was made in it.
         */
        ActiveSession: {
            created_at_ms: number;
            current: boolean;
            device: string;
            refreshed_at_ms: number;
            session_id: string;
        };
        /**
         * Alive
         * @description The process answers.
         */
        Alive: {
            /**
             * @default ok
             * @enum {unknown}
             */
            status?: "ok";
        };
        /**
         * AllUsage
         * @description What everybody has used, and how the instance does; ``live`` is ``null`` without a broker.
         */
        AllUsage: {
            /** @description Empty where no prices are set */
            currency: string;
            /** @enum {unknown} */
            interval: "day" | "hour";
            live: components["schemas"]["LiveState"] | null;
            models: components["schemas"]["TimedModel"][];
            series: components["schemas"]["TimedPoint"][];
            since_ms: number;
            totals: components["schemas"]["TimedSums"];
            /** @description Models that `cost` leaves out */
            unpriced: string[];
            until_ms: number;
            /** @description Those with the most tokens, ten at most */
            users: components["schemas"]["UserUsage"][];
        };
        /**
         * AssistantMessage
         * @description The whole reply.
         */
        AssistantMessage: {
            content: string;
            /** @default null */
            refusal?: null;
            /**
             * @default assistant
             * @enum {unknown}
             */
            role?: "assistant";
        };
        /**
         * Attempt
         * @description Attempt ``n`` (from 1) of ``worker`` begins; what older attempts still send is void.
         *
         *         ``worker`` names one start of a worker. ``alone``: it starts no other reply before this one
         *         has shown a token, because earlier attempts died without one.
         */
        Attempt: {
            /** @default false */
            alone?: boolean;
            /** @enum {unknown} */
            kind: "attempt";
            n: number;
            worker: string;
        };
        /**
         * CancelledReply
         * @description The reply's one result: it may have ended otherwise just before it was cancelled.
         *
         *         ``slot_free``: its worker's engine slot is known to be free; ``false`` where the worker did not
         *         say so within two seconds.
         */
        CancelledReply: {
            reply_id: string;
            slot_free: boolean;
            /** @enum {unknown} */
            status: "cancelled" | "completed" | "failed";
        };
        /**
         * ChatCompletion
         * @description The answer of a call that does not stream.
         */
        ChatCompletion: {
            choices: components["schemas"]["CompletionChoice"][];
            created: number;
            id: string;
            model: string;
            /**
             * @default chat.completion
             * @enum {unknown}
             */
            object?: "chat.completion";
            usage: components["schemas"]["CompletionUsage"];
        };
        /**
         * ChatCompletionChunk
         * @description One event of a stream; ``data: [DONE]`` follows the last.
         *
         *         With ``include_usage`` every chunk has ``usage``: ``null``, and numbers in an extra last one.
         */
        ChatCompletionChunk: {
            choices: components["schemas"]["ChunkChoice"][];
            created: number;
            id: string;
            model: string;
            /**
             * @default chat.completion.chunk
             * @enum {unknown}
             */
            object?: "chat.completion.chunk";
            /** @default null */
            usage?: components["schemas"]["CompletionUsage"] | null;
        };
        /**
         * ChatCompletionRequest
         * @description The body of ``POST /v1/chat/completions``.
         */
        ChatCompletionRequest: {
            /** @default null */
            frequency_penalty?: number | null;
            /** @default null */
            ignore_eos?: boolean | null;
            /** @default null */
            logit_bias?: {
                [key: string]: number;
            } | null;
            /**
             * @description Not supported
             * @default false
             * @enum {unknown}
             */
            logprobs?: false;
            /** @default null */
            max_completion_tokens?: number | null;
            /** @default null */
            max_tokens?: number | null;
            messages: components["schemas"]["RequestMessage"][];
            /** @default null */
            metadata?: {
                [key: string]: string;
            } | null;
            /** @default null */
            min_p?: number | null;
            /** @default null */
            min_tokens?: number | null;
            model: string;
            /**
             * @description Only 1 is supported
             * @default 1
             */
            n?: number;
            /** @default null */
            presence_penalty?: number | null;
            /** @default null */
            repetition_penalty?: number | null;
            /** @default null */
            response_format?: components["schemas"]["TextFormat"] | null;
            /** @default null */
            seed?: number | null;
            /** @default null */
            stop?: string | string[] | null;
            /** @default null */
            stop_token_ids?: number[] | null;
            /** @default null */
            store?: boolean | null;
            /** @default false */
            stream?: boolean;
            /** @default null */
            stream_options?: components["schemas"]["StreamOptions"] | null;
            /** @default null */
            temperature?: number | null;
            /** @default null */
            top_k?: number | null;
            /** @default null */
            top_p?: number | null;
            /** @default null */
            user?: string | null;
        };
        /**
         * ChunkChoice
         * @description The one choice.
         */
        ChunkChoice: {
            delta: components["schemas"]["ChunkDelta"];
            finish_reason: ("length" | "stop") | null;
            /** @default 0 */
            index?: number;
            /** @default null */
            logprobs?: null;
        };
        /**
         * ChunkDelta
         * @description What a chunk adds; the first one has the role, the last one nothing.
         */
        ChunkDelta: {
            /** @default null */
            content?: string | null;
            /** @default null */
            role?: "assistant" | null;
        };
        /**
         * CompletionChoice
         * @description The one choice.
         */
        CompletionChoice: {
            /** @enum {unknown} */
            finish_reason: "length" | "stop";
            /** @default 0 */
            index?: number;
            /** @default null */
            logprobs?: null;
            message: components["schemas"]["AssistantMessage"];
        };
        /**
         * CompletionUsage
         * @description Tokens of one reply, each counted once.
         */
        CompletionUsage: {
            completion_tokens: number;
            prompt_tokens: number;
            prompt_tokens_details: components["schemas"]["TokenDetails"];
            total_tokens: number;
        };
        /**
         * ContentPart
         * @description A piece of a message; only text is supported.
         */
        ContentPart: {
            text: string;
            /** @enum {unknown} */
            type: "text";
        };
        /**
         * ConversationChange
         * @description The body of ``PATCH /api/conversations/{conversation_id}``; what is absent stays.
         */
        ConversationChange: {
            /** @default null */
            archived?: boolean | null;
            /** @default null */
            leaf_id?: string | null;
            /** @default null */
            model?: string | null;
            /** @default null */
            params?: components["schemas"]["SamplingFields"] | null;
            /** @default null */
            pinned?: boolean | null;
            /** @default null */
            system?: string | null;
            /** @default null */
            title?: string | null;
        };
        /**
         * ConversationList
         * @description Pinned conversations first, then the others from the newest on.
         *
         *         ``next`` is given back as ``after``, ``null`` at the end.
         */
        ConversationList: {
            data: components["schemas"]["ConversationSummary"][];
            next: string | null;
        };
        /**
         * ConversationNews
         * @description Something happened to a conversation; fields that did not change are left out.
         *
         *         Without any field it says that the conversation is to be read again. ``share_id`` is ``""``
         *         once the public link is taken back.
         */
        ConversationNews: {
            /** @default null */
            archived?: boolean | null;
            /** @enum {unknown} */
            change: "changed" | "created" | "deleted" | "imported";
            conversation_id: string;
            /** @default null */
            leaf_id?: string | null;
            /** @default null */
            model?: string | null;
            /** @default null */
            pinned?: boolean | null;
            /** @default null */
            share_id?: string | null;
            /** @default null */
            system?: string | null;
            /** @default null */
            title?: string | null;
        };
        /**
         * ConversationShown
         * @description A conversation with its settings; ``share_path`` is its public link without the host.
         */
        ConversationShown: {
            archived: boolean;
            conversation_id: string;
            created_at_ms: number;
            leaf_id: string | null;
            model: string;
            params: Record<string, never>;
            pinned: boolean;
            share_path: string | null;
            system: string;
            title: string;
            updated_at_ms: number;
        };
        /**
         * ConversationSummary
         * @description An entry of the list.
         */
        ConversationSummary: {
            archived: boolean;
            conversation_id: string;
            created_at_ms: number;
            model: string;
            pinned: boolean;
            shared: boolean;
            title: string;
            updated_at_ms: number;
        };
        /**
         * Delta
         * @description The next tokens of a reply.
         *
         *         ``offset`` is the index of the first token within the reply. ``cuts`` holds the length of
         *         ``text`` in code points after each token, and is left out for a single token. ``finish`` says
         *         that the model ended here: a worker that takes over after it has only the ``end`` to write.
         *         The delta of the first token says how many tokens the prompt has, and how many of them the
         *         engine had cached, so that a reply which somebody else ends has its usage too.
         */
        Delta: {
            /** @default 0 */
            cached_tokens?: number;
            /** @default null */
            cuts?: number[] | null;
            /** @default null */
            finish?: ("length" | "stop") | null;
            /** @enum {unknown} */
            kind: "delta";
            n: number;
            offset: number;
            /** @default null */
            prompt_tokens?: number | null;
            text: string;
            token_ids: number[];
        };
        /**
         * Done
         * @description It is done.
         */
        Done: {
            /**
             * @default ok
             * @enum {unknown}
             */
            status?: "ok";
        };
        /**
         * End
         * @description The one last frame. ``n`` and ``tokens`` are both ``None`` when a canceller wrote it.
         *
         *         Then ``usage`` counts only the prompt; ``usage_of`` in ``ending.py`` completes it.
         */
        End: {
            /** @default null */
            error?: components["schemas"]["Failure"] | null;
            /** @default null */
            finish_reason?: ("length" | "stop") | null;
            /** @enum {unknown} */
            kind: "end";
            n: number | null;
            /** @enum {unknown} */
            status: "cancelled" | "completed" | "failed";
            /** @default null */
            timings?: components["schemas"]["Timings"] | null;
            tokens: number | null;
            /** @default null */
            usage?: components["schemas"]["Usage"] | null;
        };
        /**
         * EraseRequest
         * @description The body of ``DELETE /api/me``: the password, because nothing of it can be undone.
         */
        EraseRequest: {
            password: string;
        };
        /**
         * ErasureShown
         * @description What was removed; ``accepted``: it is on its way, and nothing of it is shown any more.
         */
        ErasureShown: {
            /** @default 0 */
            conversations?: number;
            /**
             * @description Of the log of facts
             * @default 0
             */
            log_events?: number;
            /** @default 0 */
            messages?: number;
            /**
             * @description Of the token log
             * @default 0
             */
            reply_frames?: number;
            /** @enum {unknown} */
            status: "accepted" | "erased";
        };
        /**
         * ErrorObject
         * @description What went wrong and what to do; ``param`` names the field that is to blame.
         */
        ErrorObject: {
            code: string;
            message: string;
            param: string | null;
            /** @enum {unknown} */
            type: "invalid_request_error" | "rate_limit_error" | "server_error";
        };
        /**
         * ErrorResponse
         * @description The one error shape of every route.
         */
        ErrorResponse: {
            error: components["schemas"]["ErrorObject"];
        };
        /**
         * ExportedConversation
         * @description One conversation with all its branches, parents before children.
         */
        ExportedConversation: {
            archived: boolean;
            created_at_ms: number;
            id: string;
            /** @description A message of the branch that is shown */
            leaf_id: string | null;
            messages: components["schemas"]["ExportedMessage"][];
            model: string;
            pinned: boolean;
            sampling: Record<string, never>;
            system: string;
            title: string;
            updated_at_ms: number;
        };
        /**
         * ExportedConversations
         * @description A file of conversations.
         */
        ExportedConversations: {
            conversations: components["schemas"]["ExportedConversation"][];
            /** @enum {unknown} */
            format: "rivulet.conversations";
            /** @enum {unknown} */
            version: 1;
        };
        /**
         * ExportedMessage
         * @description One message of the tree.
         */
        ExportedMessage: {
            content: string;
            created_at_ms: number;
            id: string;
            model: string;
            /** @description null: it begins the conversation */
            parent_id: string | null;
            /** @enum {unknown} */
            role: "assistant" | "user";
            /** @description Not imported: `failed`, `pending` and the like */
            status: string;
        };
        /**
         * Failure
         * @description Why a reply failed: a machine-readable code and a sentence for a person.
         */
        Failure: {
            code: string;
            message: string;
        };
        /**
         * FeedbackRequest
         * @description The body of ``PUT /api/conversations/{conversation_id}/messages/{message_id}/feedback``.
         */
        FeedbackRequest: {
            /**
             * @description `none` takes back what was said before
             * @enum {unknown}
             */
            rating: "down" | "none" | "up";
            /**
             * @description In the user's own words
             * @default
             */
            reason?: string;
        };
        /**
         * FeedbackShown
         * @description What the user thinks of an answer.
         */
        FeedbackShown: {
            /** @enum {unknown} */
            rating: "down" | "up";
            reason: string;
        };
        /**
         * ImportReport
         * @description What an import has brought; a repeat with its Idempotency-Key reports the same.
         */
        ImportReport: {
            conversations: number;
            messages: number;
            /** @description The first 1,000 of them */
            skipped: components["schemas"]["SkippedImport"][];
            skipped_total: number;
        };
        /**
         * InvitationList
         * @description Every invitation, the latest first.
         */
        InvitationList: {
            data: components["schemas"]["InvitationShown"][];
        };
        /**
         * InvitationRequest
         * @description The body of ``POST /api/admin/invitations``.
         */
        InvitationRequest: {
            /**
             * @description Whom it is for
             * @default
             */
            note?: string;
            /**
             * @default user
             * @enum {unknown}
             */
            role?: "admin" | "user";
        };
        /**
         * InvitationShown
         * @description An invitation without its code; ``used_by`` is a user id once somebody has used it.
         */
        InvitationShown: {
            created_at_ms: number;
            expires_at_ms: number;
            invitation_id: string;
            note: string;
            /** @enum {unknown} */
            role: "admin" | "user";
            used_by: string | null;
        };
        /**
         * KeyList
         * @description Every API key of the user, the newest first.
         */
        KeyList: {
            data: components["schemas"]["KeyShown"][];
        };
        /**
         * KeyRequest
         * @description The body of ``POST /api/keys``.
         */
        KeyRequest: {
            name: string;
            /** @default null */
            scopes?: ("admin" | "chat")[] | null;
        };
        /**
         * KeyShown
         * @description An API key without the key; ``used_at_ms`` is 0 for one that was never used.
         */
        KeyShown: {
            created_at_ms: number;
            key_id: string;
            name: string;
            scopes: string[];
            used_at_ms: number;
        };
        /**
         * Latency
         * @description From the prompt to the first attempt, and to the first token; and between tokens.
         */
        Latency: {
            first_token_ms: components["schemas"]["Percentiles"];
            inter_token_ms: components["schemas"]["Percentiles"];
            queue_ms: components["schemas"]["Percentiles"];
        };
        /**
         * LiveConsumer
         * @description A consumer of the log now; ``behind_ms`` is the age of its oldest event that waits.
         *
         *         The archive gathers events for `RIVULET_ARCHIVE_EVERY_S`: that is no lag, and not counted.
         */
        LiveConsumer: {
            behind_ms: number;
            in_hand: number;
            name: string;
            pending: number;
        };
        /**
         * LiveModel
         * @description A model now: its workers that are alive, and the prompts that wait for a slot of theirs.
         */
        LiveModel: {
            draining: number;
            free: number;
            model: string;
            queued: number;
            slots: number;
            tokens_per_s: number;
            workers: number;
        };
        /**
         * LiveState
         * @description How the instance does at this moment.
         */
        LiveState: {
            consumers: components["schemas"]["LiveConsumer"][];
            models: components["schemas"]["LiveModel"][];
        };
        /**
         * LoginRequest
         * @description The body of ``POST /api/auth/login``.
         */
        LoginRequest: {
            /**
             * @description What the list of sessions calls it
             * @default
             */
            device?: string;
            /** @description Upper and lower case are the same */
            email: string;
            password: string;
            /**
             * @default token
             * @enum {unknown}
             */
            session?: "cookie" | "token";
        };
        /**
         * MessageFound
         * @description A message that has all words of the search.
         */
        MessageFound: {
            created_at_ms: number;
            excerpt: string;
            message_id: string;
            /** @enum {unknown} */
            role: "assistant" | "user";
        };
        /**
         * MessageShown
         * @description One message of the tree; edits and regenerations have the same ``parent_id``.
         *
         *         ``omitted_messages`` of the branch did not fit into the model's context.
         */
        MessageShown: {
            content: string;
            created_at_ms: number;
            error: {
                [key: string]: string;
            } | null;
            feedback: components["schemas"]["FeedbackShown"] | null;
            finish_reason: string | null;
            message_id: string;
            model: string;
            omitted_messages: number;
            parent_id: string | null;
            reply_id: string | null;
            /** @enum {unknown} */
            role: "assistant" | "user";
            /** @enum {unknown} */
            status: "cancelled" | "completed" | "failed" | "pending" | "sent";
        };
        /**
         * Model
         * @description A model that prompts may name; without a ready worker they wait for one.
         */
        Model: {
            /** @default 0 */
            created?: number;
            id: string;
            /** @description Tokens of prompt and reply together */
            max_model_len: number | null;
            /**
             * @default model
             * @enum {unknown}
             */
            object?: "model";
            /** @default rivulet */
            owned_by?: string;
            ready: boolean;
        };
        /**
         * ModelList
         * @description Every known model.
         */
        ModelList: {
            data: components["schemas"]["Model"][];
            /**
             * @default list
             * @enum {unknown}
             */
            object?: "list";
        };
        /**
         * ModelUsage
         * @description What was used of one model.
         */
        ModelUsage: {
            cached_tokens: number;
            cancelled: number;
            completed: number;
            completion_tokens: number;
            /** @description In `currency`, of the models that have a price; `null` where none has */
            cost: number | null;
            failed: number;
            failed_over: number;
            model: string;
            prompt_tokens: number;
            replies: number;
            titles: number;
        };
        /**
         * NewConversation
         * @description The body of ``POST /api/conversations``; ``params`` are defaults of its prompts.
         */
        NewConversation: {
            /** @default null */
            model?: string | null;
            /** @default null */
            params?: components["schemas"]["SamplingFields"] | null;
            /** @default null */
            system?: string | null;
            /** @default null */
            title?: string | null;
        };
        /**
         * NewInvitation
         * @description An invitation with its code, the one time that it is shown.
         */
        NewInvitation: {
            code: string;
            invitation: components["schemas"]["InvitationShown"];
        };
        /**
         * NewKey
         * @description An API key, the one time that it is shown.
         */
        NewKey: {
            created_at_ms: number;
            key: string;
            key_id: string;
            name: string;
            scopes: string[];
        };
        /**
         * Note
         * @description What became of attempt ``n`` beside its tokens; readers pass over it.
         *
         *         ``alive``: some time after its marker it still runs, without a token. ``handed_over``: its
         *         worker gave the prompt back. Either shows that the prompt did not kill its worker.
         */
        Note: {
            /** @enum {unknown} */
            kind: "note";
            n: number;
            /** @enum {unknown} */
            what: "alive" | "handed_over";
        };
        /**
         * OpenedConversation
         * @description A conversation with its tree of messages, oldest first.
         *
         *         ``branch`` lists the messages that are shown, from the first to the last.
         */
        OpenedConversation: {
            branch: string[];
            conversation: components["schemas"]["ConversationShown"];
            messages: components["schemas"]["MessageShown"][];
        };
        /**
         * OwnUsage
         * @description What the caller has used; hours or days without a reply are left out of ``series``.
         */
        OwnUsage: {
            /** @description Empty where no prices are set */
            currency: string;
            /** @enum {unknown} */
            interval: "day" | "hour";
            models: components["schemas"]["ModelUsage"][];
            series: components["schemas"]["UsagePoint"][];
            since_ms: number;
            totals: components["schemas"]["UsageSums"];
            /** @description Models that `cost` leaves out */
            unpriced: string[];
            until_ms: number;
        };
        /**
         * PasswordRequest
         * @description The body of ``POST /api/me/password``; all other sessions end.
         */
        PasswordRequest: {
            new_password: string;
            old_password: string;
        };
        /**
         * Percentiles
         * @description Milliseconds, at most 9.1 % off; ``null`` where nothing was timed.
         */
        Percentiles: {
            p50: number | null;
            p95: number | null;
            p99: number | null;
        };
        /**
         * Profile
         * @description An account as its owner sees it.
         */
        Profile: {
            created_at_ms: number;
            email: string;
            name: string;
            preferences: Record<string, never>;
            /** @enum {unknown} */
            role: "admin" | "user";
            user_id: string;
        };
        /**
         * ProfileRequest
         * @description The body of ``PATCH /api/me``.
         */
        ProfileRequest: {
            /** @default null */
            name?: string | null;
            /** @default null */
            preferences?: Record<string, never> | null;
        };
        /**
         * PromptRequest
         * @description The body of ``POST /api/prompts``.
         */
        PromptRequest: {
            /** @description What the user says */
            content: string;
            /** @default null */
            conversation_id?: string | null;
            /** @default null */
            model?: string | null;
            /** @default null */
            params?: components["schemas"]["SamplingFields"] | null;
            /** @default null */
            parent_id?: string | null;
            /**
             * @description Never written to the history; it can be gone on with, by its `conversation_id` and `parent_id`, for an hour
             * @default false
             */
            temporary?: boolean;
        };
        /**
         * Readiness
         * @description Which parts are there; ``worker`` once a first one was seen since the start.
         */
        Readiness: {
            broker: boolean;
            /** @enum {unknown} */
            status: "ready" | "unavailable";
            store: boolean;
            worker: boolean;
        };
        /**
         * RefreshRequest
         * @description The body of ``POST /api/auth/refresh``; a browser's token is in its cookies.
         */
        RefreshRequest: {
            /** @default null */
            refresh_token?: string | null;
        };
        /**
         * RegisterRequest
         * @description The body of ``POST /api/auth/register``.
         */
        RegisterRequest: {
            /** @default null */
            code?: string | null;
            /**
             * @description What the list of sessions calls it
             * @default
             */
            device?: string;
            /** @description Upper and lower case are the same */
            email: string;
            name: string;
            password: string;
            /**
             * @default token
             * @enum {unknown}
             */
            session?: "cookie" | "token";
        };
        /**
         * ReplyDelta
         * @description The ``data`` of an event with text.
         */
        ReplyDelta: {
            delta: string;
            /**
             * @default false
             * @enum {unknown}
             */
            done?: false;
        };
        /**
         * ReplyDone
         * @description The ``data`` of the last event. A reply that comes from the store has only its status.
         */
        ReplyDone: {
            /**
             * @default
             * @enum {unknown}
             */
            delta?: "";
            /**
             * @default true
             * @enum {unknown}
             */
            done?: true;
            /** @default null */
            error?: components["schemas"]["Failure"] | null;
            /** @default null */
            finish_reason?: string | null;
            /** @enum {unknown} */
            status: "cancelled" | "completed" | "failed";
            /** @default null */
            timings?: components["schemas"]["Timings"] | null;
            /** @default null */
            usage?: components["schemas"]["Usage"] | null;
        };
        /**
         * ReplyNews
         * @description A prompt was accepted, or its reply has ended, and then how; read it by its id.
         */
        ReplyNews: {
            assistant_message_id: string;
            conversation_id: string | null;
            /** @default null */
            parent_id?: string | null;
            reply_id: string;
            /** @enum {unknown} */
            state: "finished" | "running";
            /** @default null */
            status?: ("cancelled" | "completed" | "failed") | null;
            temporary: boolean;
            user_message_id: string;
        };
        /**
         * ReplyQueued
         * @description The ``data`` of ``event: queue``: position 1 is the next reply that a worker begins.
         *
         *         ``eta_s`` is whole seconds: the position times what a reply takes, divided by the slots of the
         *         live workers. ``null`` without such a worker, and while none of them has ended a reply.
         */
        ReplyQueued: {
            eta_s: number | null;
            position: number;
        };
        /**
         * RequestMessage
         * @description One message. ``developer`` means ``system``; the parts of a list are joined.
         */
        RequestMessage: {
            content: string | components["schemas"]["ContentPart"][];
            /** @enum {unknown} */
            role: "assistant" | "developer" | "system" | "user";
        };
        /**
         * RunningNews
         * @description The replies that run at this moment; what follows is news.
         *
         *         ``reset``: the cursor is older than the log, so what came in between is not known any more.
         */
        RunningNews: {
            replies: components["schemas"]["RunningReply"][];
            /**
             * @description Read the list of conversations again
             * @default false
             */
            reset?: boolean;
        };
        /**
         * RunningReply
         * @description A reply that has not ended; ``parent_id`` is the message that the prompt answers.
         */
        RunningReply: {
            assistant_message_id: string;
            conversation_id: string | null;
            /** @default null */
            parent_id?: string | null;
            reply_id: string;
            temporary: boolean;
            user_message_id: string;
        };
        /**
         * SamplingFields
         * @description How the model picks tokens, in OpenAI's names and vLLM's for what OpenAI has not.
         */
        SamplingFields: {
            /** @default null */
            frequency_penalty?: number | null;
            /** @default null */
            ignore_eos?: boolean | null;
            /** @default null */
            logit_bias?: {
                [key: string]: number;
            } | null;
            /** @default null */
            max_tokens?: number | null;
            /** @default null */
            min_p?: number | null;
            /** @default null */
            min_tokens?: number | null;
            /** @default null */
            presence_penalty?: number | null;
            /** @default null */
            repetition_penalty?: number | null;
            /** @default null */
            seed?: number | null;
            /** @default null */
            stop?: string | string[] | null;
            /** @default null */
            stop_token_ids?: number[] | null;
            /** @default null */
            temperature?: number | null;
            /** @default null */
            top_k?: number | null;
            /** @default null */
            top_p?: number | null;
        };
        /**
         * SearchHitShown
         * @description A conversation that was found by its title, by messages, or both.
         */
        SearchHitShown: {
            by_title: boolean;
            conversation: components["schemas"]["ConversationSummary"];
            messages: components["schemas"]["MessageFound"][];
        };
        /**
         * SearchResults
         * @description What was found, the newest conversation first.
         */
        SearchResults: {
            data: components["schemas"]["SearchHitShown"][];
        };
        /**
         * SessionList
         * @description Every sign-in of the user, the latest first.
         */
        SessionList: {
            data: components["schemas"]["ActiveSession"][];
        };
        /**
         * SharedConversation
         * @description What everybody with the link sees.
         */
        SharedConversation: {
            messages: components["schemas"]["SharedMessage"][];
            model: string;
            title: string;
        };
        /**
         * SharedMessage
         * @description One message of a shared branch.
         */
        SharedMessage: {
            content: string;
            created_at_ms: number;
            /** @enum {unknown} */
            role: "assistant" | "user";
        };
        /**
         * ShareRequest
         * @description The body of ``POST /api/conversations/{conversation_id}/share``.
         */
        ShareRequest: {
            /** @default null */
            leaf_id?: string | null;
        };
        /**
         * SignedInUser
         * @description A session has begun or goes on. In a browser's session the cookies hold the tokens.
         */
        SignedInUser: {
            /** @default null */
            access_token?: string | null;
            /** @description Seconds for which the access token is good */
            expires_in: number;
            /** @default null */
            refresh_token?: string | null;
            /**
             * @default Bearer
             * @enum {unknown}
             */
            token_type?: "Bearer";
            user: components["schemas"]["Profile"];
        };
        /**
         * SkippedImport
         * @description A conversation that was left out, or imported without some of it.
         *
         *         ``index`` counts the file's conversations from 0.
         */
        SkippedImport: {
            index: number;
            reason: string;
            title: string;
        };
        /**
         * StreamOptions
         * @description What a stream carries beside the text.
         */
        StreamOptions: {
            /** @default false */
            include_usage?: boolean;
        };
        /**
         * TextFormat
         * @description The one response format.
         */
        TextFormat: {
            /** @enum {unknown} */
            type: "text";
        };
        /**
         * TimedModel
         * @description What was used of one model.
         */
        TimedModel: {
            cached_tokens: number;
            cancelled: number;
            /** @description Replies by client kind */
            clients: {
                [key: string]: number;
            };
            completed: number;
            completion_tokens: number;
            /** @description In `currency`, of the models that have a price; `null` where none has */
            cost: number | null;
            /** @description Failed replies by code */
            errors: {
                [key: string]: number;
            };
            failed: number;
            failed_over: number;
            latency: components["schemas"]["Latency"];
            model: string;
            prompt_tokens: number;
            replies: number;
            titles: number;
        };
        /**
         * TimedPoint
         * @description An hour or day that begins at ``at_ms`` (UTC).
         */
        TimedPoint: {
            at_ms: number;
            cached_tokens: number;
            cancelled: number;
            /** @description Replies by client kind */
            clients: {
                [key: string]: number;
            };
            completed: number;
            completion_tokens: number;
            /** @description In `currency`, of the models that have a price; `null` where none has */
            cost: number | null;
            /** @description Failed replies by code */
            errors: {
                [key: string]: number;
            };
            failed: number;
            failed_over: number;
            latency: components["schemas"]["Latency"];
            prompt_tokens: number;
            replies: number;
            titles: number;
        };
        /**
         * TimedSums
         * @description What some replies come to, and how long they took.
         */
        TimedSums: {
            cached_tokens: number;
            cancelled: number;
            /** @description Replies by client kind */
            clients: {
                [key: string]: number;
            };
            completed: number;
            completion_tokens: number;
            /** @description In `currency`, of the models that have a price; `null` where none has */
            cost: number | null;
            /** @description Failed replies by code */
            errors: {
                [key: string]: number;
            };
            failed: number;
            failed_over: number;
            latency: components["schemas"]["Latency"];
            prompt_tokens: number;
            replies: number;
            titles: number;
        };
        /**
         * Timings
         * @description Durations in milliseconds from the moment the gateway accepted the prompt.
         *
         *         ``first_token_ms`` is ``None`` when no token was made; ``queue_ms`` ends with the first claim.
         */
        Timings: {
            first_token_ms: number | null;
            queue_ms: number;
            total_ms: number;
        };
        /**
         * TokenDetails
         * @description What is known of the prompt's tokens.
         */
        TokenDetails: {
            cached_tokens: number;
        };
        /**
         * Usage
         * @description Tokens of one reply, each counted once however many attempts it took.
         *
         *         ``cached_tokens`` are those of ``prompt_tokens`` that the engine had in its prefix cache.
         */
        Usage: {
            /** @default 0 */
            cached_tokens?: number;
            completion_tokens: number;
            prompt_tokens: number;
        };
        /**
         * UsagePoint
         * @description An hour or day that begins at ``at_ms`` (UTC).
         */
        UsagePoint: {
            at_ms: number;
            cached_tokens: number;
            cancelled: number;
            completed: number;
            completion_tokens: number;
            /** @description In `currency`, of the models that have a price; `null` where none has */
            cost: number | null;
            failed: number;
            failed_over: number;
            prompt_tokens: number;
            replies: number;
            titles: number;
        };
        /**
         * UsageSums
         * @description What some replies come to; each is counted once, however it ended.
         *
         *         ``failed_over`` took more than one attempt, ``titles`` are those of ``replies`` that the
         *         instance itself asked for, and ``cached_tokens`` are a part of ``prompt_tokens``.
         */
        UsageSums: {
            cached_tokens: number;
            cancelled: number;
            completed: number;
            completion_tokens: number;
            /** @description In `currency`, of the models that have a price; `null` where none has */
            cost: number | null;
            failed: number;
            failed_over: number;
            prompt_tokens: number;
            replies: number;
            titles: number;
        };
        /**
         * UserChange
         * @description The body of ``PATCH /api/admin/users/{user_id}``.
         */
        UserChange: {
            /** @default null */
            disabled?: boolean | null;
            /** @default null */
            role?: ("admin" | "user") | null;
        };
        /**
         * UserPage
         * @description Some accounts, oldest first; ``next`` is given back as ``after``, ``null`` at the end.
         */
        UserPage: {
            data: components["schemas"]["UserShown"][];
            next: string | null;
        };
        /**
         * UserShown
         * @description An account as admins see it.
         */
        UserShown: {
            created_at_ms: number;
            disabled: boolean;
            email: string;
            name: string;
            /** @enum {unknown} */
            role: "admin" | "user";
            user_id: string;
        };
        /**
         * UserUsage
         * @description What one user has used; the address is empty for one without an account, such as `dev`.
         *
         *         The name is empty, too, where the account was deleted.
         */
        UserUsage: {
            cached_tokens: number;
            cancelled: number;
            completed: number;
            completion_tokens: number;
            /** @description In `currency`, of the models that have a price; `null` where none has */
            cost: number | null;
            email: string;
            failed: number;
            failed_over: number;
            name: string;
            prompt_tokens: number;
            replies: number;
            titles: number;
            user_id: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    list_invitations: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The invitations */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvitationList"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    invite: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InvitationRequest"];
            };
        };
        responses: {
            /** @description The invitation */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewInvitation"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    withdraw_invitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                invitation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    show_all_usage: {
        parameters: {
            query?: {
                /** @description Steps of `series`, in UTC: at most 744 hours or 92 days at once */
                interval?: "hour" | "day";
                /** @description Unix milliseconds; the hour or day that holds them is the first. By default 48 hours or 30 days before `until` */
                since?: number;
                /** @description The hour or day that holds them is the last; now */
                until?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The usage */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AllUsage"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    list_users: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                after?: number;
                /** @description 1 to 200 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of accounts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserPage"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    erase_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is erased */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureShown"];
                };
            };
            /** @description It is on its way */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureShown"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    change_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChange"];
            };
        };
        responses: {
            /** @description The account */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserShown"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The reply that this answers is not finished, or the address has an account */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    auth_login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginRequest"];
            };
        };
        responses: {
            /** @description Signed in */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedInUser"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A limit is reached: prompts that wait for the model (`queue_full`), replies of yours that have not ended (`too_many_running`), failed logins (`too_many_logins`), registrations (`too_many_registrations`), imports (`too_many_imports`) or open feeds (`too_many_feeds`); `Retry-After` says when to try again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    auth_logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    auth_logout_everywhere: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    auth_refresh: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RefreshRequest"];
            };
        };
        responses: {
            /** @description Signed in */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedInUser"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    auth_register: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegisterRequest"];
            };
        };
        responses: {
            /** @description Signed in */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedInUser"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The reply that this answers is not finished, or the address has an account */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A limit is reached: prompts that wait for the model (`queue_full`), replies of yours that have not ended (`too_many_running`), failed logins (`too_many_logins`), registrations (`too_many_registrations`), imports (`too_many_imports`) or open feeds (`too_many_feeds`); `Retry-After` says when to try again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    list_conversations: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                after?: string;
                /** @description true: the archived ones */
                archived?: boolean;
                /** @description Conversations of a page; usually 30 */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationList"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    create_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewConversation"];
            };
        };
        responses: {
            /** @description The conversation */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationShown"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    read_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The conversation */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenedConversation"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    delete_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is erased */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureShown"];
                };
            };
            /** @description It is on its way */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureShown"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    change_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConversationChange"];
            };
        };
        responses: {
            /** @description The conversation */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationShown"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    export_conversation: {
        parameters: {
            query?: {
                /** @description `json` holds all branches, `markdown` the one that is shown */
                format?: "json" | "markdown";
            };
            header?: never;
            path: {
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    /** @description The file's name, from the title */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExportedConversations"];
                    "text/markdown": string;
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    give_feedback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                conversation_id: string;
                message_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FeedbackRequest"];
            };
        };
        responses: {
            /** @description Kept */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    share_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ShareRequest"];
            };
        };
        responses: {
            /** @description The conversation */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConversationShown"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    unshare_conversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                conversation_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    read_events: {
        parameters: {
            query?: {
                /** @description The cursor of the last event that was read */
                after?: string;
            };
            header?: {
                /** @description The cursor of the last event that was read; wins over `after` */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The events; they have no end */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["RunningNews"] | components["schemas"]["ConversationNews"] | components["schemas"]["ReplyNews"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A limit is reached: prompts that wait for the model (`queue_full`), replies of yours that have not ended (`too_many_running`), failed logins (`too_many_logins`), registrations (`too_many_registrations`), imports (`too_many_imports`) or open feeds (`too_many_feeds`); `Retry-After` says when to try again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    export_everything: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All conversations */
            200: {
                headers: {
                    /** @description The file's name, from the title */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExportedConversations"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    import_conversations: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key imports nothing twice, and only what is missing */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExportedConversations"];
            };
        };
        responses: {
            /** @description What was imported, and what was not */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportReport"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A limit is reached: prompts that wait for the model (`queue_full`), replies of yours that have not ended (`too_many_running`), failed logins (`too_many_logins`), registrations (`too_many_registrations`), imports (`too_many_imports`) or open feeds (`too_many_feeds`); `Retry-After` says when to try again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    list_keys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The keys */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyList"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    make_key: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyRequest"];
            };
        };
        responses: {
            /** @description The key */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewKey"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    delete_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    show_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Profile"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    erase_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EraseRequest"];
            };
        };
        responses: {
            /** @description It is erased */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureShown"];
                };
            };
            /** @description It is on its way */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureShown"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A limit is reached: prompts that wait for the model (`queue_full`), replies of yours that have not ended (`too_many_running`), failed logins (`too_many_logins`), registrations (`too_many_registrations`), imports (`too_many_imports`) or open feeds (`too_many_feeds`); `Retry-After` says when to try again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    change_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProfileRequest"];
            };
        };
        responses: {
            /** @description The account */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Profile"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    change_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordRequest"];
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A limit is reached: prompts that wait for the model (`queue_full`), replies of yours that have not ended (`too_many_running`), failed logins (`too_many_logins`), registrations (`too_many_registrations`), imports (`too_many_imports`) or open feeds (`too_many_feeds`); `Retry-After` says when to try again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    list_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sessions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionList"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    end_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Done"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    submit_prompt: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body returns the same reply (for ten minutes) */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PromptRequest"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    /** @description The reply's id */
                    "X-Reply-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedPrompt"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The reply that this answers is not finished, or the address has an account */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A limit is reached: prompts that wait for the model (`queue_full`), replies of yours that have not ended (`too_many_running`), failed logins (`too_many_logins`), registrations (`too_many_registrations`), imports (`too_many_imports`) or open feeds (`too_many_feeds`); `Retry-After` says when to try again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    cancel_reply: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reply_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its one result: it may have ended otherwise just before. `slot_free` says whether its worker is known to have stopped */
            200: {
                headers: {
                    /** @description The reply's id */
                    "X-Reply-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CancelledReply"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    read_reply: {
        parameters: {
            query?: {
                /** @description The cursor of the last event that was read */
                after?: string;
            };
            header?: {
                /** @description The cursor of the last event that was read; wins over `after` */
                "Last-Event-ID"?: string;
            };
            path: {
                reply_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The reply's events */
            200: {
                headers: {
                    /** @description The reply's id */
                    "X-Reply-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["ReplyDelta"] | components["schemas"]["ReplyDone"] | components["schemas"]["ReplyQueued"];
                };
            };
            /** @description The cursor is the reply's end: there is nothing left to read */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    retry_reply: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body returns the same reply (for ten minutes) */
                "Idempotency-Key"?: string;
            };
            path: {
                reply_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    /** @description The reply's id */
                    "X-Reply-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedPrompt"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A limit is reached: prompts that wait for the model (`queue_full`), replies of yours that have not ended (`too_many_running`), failed logins (`too_many_logins`), registrations (`too_many_registrations`), imports (`too_many_imports`) or open feeds (`too_many_feeds`); `Retry-After` says when to try again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    search: {
        parameters: {
            query: {
                /** @description Conversations; usually 20 */
                limit?: number;
                /** @description Words and "quoted phrases"; all of them must be there */
                q: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was found */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchResults"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    read_shared: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The branch */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SharedConversation"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    show_usage: {
        parameters: {
            query?: {
                /** @description Steps of `series`, in UTC: at most 744 hours or 92 days at once */
                interval?: "hour" | "day";
                /** @description Unix milliseconds; the hour or day that holds them is the first. By default 48 hours or 30 days before `until` */
                since?: number;
                /** @description The hour or day that holds them is the last; now */
                until?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The usage */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnUsage"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    docs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
        };
    };
    docs_docs_css: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/css": string;
                };
            };
        };
    };
    docs_docs_js: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/javascript": string;
                };
            };
        };
    };
    healthz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alive"];
                };
            };
        };
    };
    openapi_json: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
        };
    };
    readyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Yes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description No; a part is missing */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    create_chat_completion: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body returns the same reply (for ten minutes) */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChatCompletionRequest"];
            };
        };
        responses: {
            /** @description The whole completion */
            200: {
                headers: {
                    /** @description The reply's id */
                    "X-Reply-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChatCompletion"];
                    "text/event-stream": components["schemas"]["ChatCompletionChunk"] | components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The Idempotency-Key was used for another request */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A limit is reached: prompts that wait for the model (`queue_full`), replies of yours that have not ended (`too_many_running`), failed logins (`too_many_logins`), registrations (`too_many_registrations`), imports (`too_many_imports`) or open feeds (`too_many_feeds`); `Retry-After` says when to try again */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The reply failed; `code` says why, for example `poison` or `engine_error` */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description No worker began the reply before its deadline */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    list_models: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every known model */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelList"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    retrieve_model: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The model */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description No valid API key or access token, or a wrong password */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    open_socket: {
        parameters: {
            query?: {
                /** @description What kind of client it is */
                client?: "api" | "web" | "mobile";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The WebSocket is open */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request is not valid; `param` names the field */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description This may not be done: the scope is missing, registration needs a code, a page's `X-CSRF-Token` is missing, or its origin is foreign */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not a WebSocket request */
            426: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description A part of the service is away; `Retry-After` says when to try again */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
}
