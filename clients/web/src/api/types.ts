/** Short names for the types of the interface that the client shows. */

import type { components } from './openapi.gen'

type Schemas = components['schemas']

export type AcceptedPrompt = Schemas['AcceptedPrompt']
export type Conversation = Schemas['ConversationShown']
export type ConversationChange = Schemas['ConversationChange']
export type ConversationSummary = Schemas['ConversationSummary']
export type Feedback = Schemas['FeedbackShown']
export type Message = Schemas['MessageShown']
export type Model = Schemas['Model']
export type OpenedConversation = Schemas['OpenedConversation']
export type Profile = Schemas['Profile']
export type PromptRequest = Schemas['PromptRequest']
export type SamplingFields = Schemas['SamplingFields']
export type SearchHit = Schemas['SearchHitShown']
export type SharedConversation = Schemas['SharedConversation']
