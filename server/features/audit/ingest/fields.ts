/** What is done with a field of a row that has no column of its own. */
export type FieldUse =
  /** Kept beside the entry as sent. */
  | 'plain'
  /** Arguments, commands, prompts, outputs and what is found in them: subject to the organization's redaction. */
  | 'payload';

const PLAIN = [
  // Both SDKs, always.
  'rule_id',
  'client_name',
  'client_version',
  'args_hash',
  'policy_engine_version',
  'controlzero_sdk_version',
  'policy_source',
  // Decisions of the Python SDK.
  'subject',
  'subject_origin',
  'match_semantics',
  'divergent_rule_ids',
  'enforcement',
  'enforced',
  'enforcement_outcome',
  'enforcement_reason',
  'enforcement_tier',
  'family_covered',
  'dlp_status',
  'dlp_reason',
  'dlp_outcome',
  // Only when set.
  'method_name',
  'event',
  'dlp_output_scanned',
  'dlp_output_status',
  'dlp_output_reason',
  'dlp_output_details',
  'dlp_output_effect',
  'status',
  'error_type',
  'total_tokens',
  'enforcement_status',
  'bundle_age_s',
  'last_sync_ts',
  'verbosity_level',
  'surface',
  'args_keys',
  'gate_matched',
  'action_semantic_class',
  // Credential findings.
  'event_kind',
  'pattern_id',
  'severity',
  'value_hash',
  'source',
  'tool_call_id',
  'agent_name',
  'enforcement_action',
  'enforcement_downgraded',
  // Capture of inputs and outputs, without these themselves.
  'io_source_type',
  'io_capture_surface',
  'io_producer_version',
  'io_invocation_id',
  'io_capture_completeness',
  'io_truncation_reason',
  'io_capture_failed_reason',
  'io_input_captured',
  'io_output_captured',
  'io_redaction_applied',
  'io_dlp_scan_status',
];

const PAYLOAD = ['args', 'input_payload', 'output_payload', 'error_message', 'context_window', 'dlp_output_findings'];

/** Every field that published SDKs send, beside those with a column (SDK wire notes, 6; Python notes, 5.1). */
export const FIELDS: ReadonlyMap<string, FieldUse> = new Map<string, FieldUse>([
  ...PLAIN.map((name) => [name, 'plain'] as const),
  ...PAYLOAD.map((name) => [name, 'payload'] as const),
]);
