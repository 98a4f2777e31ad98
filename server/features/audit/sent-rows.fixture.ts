/** A denied call as the Python SDK's library guard sends it (Python notes, 9.8). */
export function guardRow(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: '72301b37-047d-4bf7-9407-4e5808650cd5',
    tool_name: 'github',
    decision: 'deny',
    policy_id: 'rule-0',
    rule_id: 'rule-0',
    reason: 'no',
    reason_code: 'RULE_MATCH',
    hostname: 'vm',
    user: 'root',
    mode: 'hosted',
    ts: '2026-11-21T08:02:29.941805+00:00',
    client_name: 'python-sdk',
    client_version: '',
    user_email: '',
    extracted_method: 'delete_repo',
    args_hash: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    policy_engine_version: '0.1.0',
    controlzero_sdk_version: 'python@1.13.16',
    policy_source: 'hosted',
    project_id: '',
    enforcement: {
      status: 'indeterminate',
      reason: 'in_process_caller_decides',
      enforced: false,
      enforcement_tier: '',
      family_covered: false,
      host: 'in_process',
      tool_family: '',
      event: 'deciding',
    },
    enforced: false,
    enforcement_outcome: 'indeterminate',
    enforcement_reason: 'in_process_caller_decides',
    enforcement_tier: '',
    family_covered: false,
    dlp_status: 'skipped',
    dlp_reason: 'policy_denied',
    dlp_outcome: { status: 'skipped', reason: 'policy_denied', details: {} },
    subject: 'github:delete_repo',
    subject_origin: 'sdk_guard',
    match_semantics: 'unchanged',
    divergent_rule_ids: [],
    ...changes,
  };
}

/** A denied shell command as the Claude Code hook sends it (Python notes, 9.8). */
export function hookRow(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return guardRow({
    id: 'b3b1f1f2-0000-4000-8000-000000000001',
    client_name: 'claude_code',
    tool_name: 'Bash',
    extracted_method: 'rm',
    subject: 'Bash:rm',
    subject_origin: 'hook_check',
    enforcement: {
      status: 'enforced',
      reason: 'host_enforced',
      enforced: true,
      enforcement_tier: 'enforced',
      family_covered: true,
      host: 'claude_code',
      tool_family: 'execute',
      event: 'deciding',
    },
    input_payload: 'rm -rf /x # mail [REDACTED-BUILTIN-EMAIL]',
    io_source_type: 'agent_hook',
    io_capture_surface: 'claude_code',
    io_producer_version: 'agent_hook@1.13.16',
    io_invocation_id: 'session-1',
    io_capture_completeness: 'partial_input_only',
    io_input_captured: true,
    io_redaction_applied: true,
    io_dlp_scan_status: 'scanned_redacted',
    ...changes,
  });
}

/** What the Go SDK sends to a machine's sink: eleven fields (SDK wire notes, 2.13). */
export function goMachineRow(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: '0123456789abcdef0123456789abcdef',
    tool_name: 'database',
    decision: 'allow',
    user: 'ada',
    policy_id: 'rule-1',
    rule_id: 'rule-1',
    reason: 'ok',
    hostname: 'vm',
    mode: 'hosted',
    ts: '2026-11-21T08:02:29Z',
    verbosity_level: 'full',
    ...changes,
  };
}
