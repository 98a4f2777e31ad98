"""Asks the installed SDK what it decides. One JSON request per line on stdin, one JSON answer per line on stdout.

Requests:
  {"policies": [{payload, project_id, sdk_version?, stale?, calls: [{tool, method?, args?, context?, hook?, locale?}]}]}
      -> {"policies": [{"error": text} | {"status": text, "decisions": [...]}]}
  {"commands": [text]} -> {"commands": [[class, program, git action, cloud action]]}
  {"statements": [text]} -> {"statements": [[class, keyword]]}
  {"tools": [[name, args]]} -> {"tools": [[tool, method]]}
  {"scans": [{rules, effect, args, rewrite}]} -> {"scans": [{"error": text} | {effect, policy_id, reason_code, masked}]}
  {"searches": [[expression, text, ignore case]]} -> {"searches": [bool]}
"""

import json
import logging
import sys
import warnings

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

from controlzero import hosted_policy, policy_loader  # noqa: E402
from controlzero._internal import condition_ops, hook_extractors  # noqa: E402
from controlzero._internal.dlp_scanner import DLPScanner, load_dlp_rules_from_policy  # noqa: E402
from controlzero._internal.enforcer import PolicyEvaluator  # noqa: E402

# Did-you-mean hints change no decision and cost most of the loading time.
policy_loader.validate_actions = lambda actions: ([], {})


def load(request):
    translated = hosted_policy._translate_with_floor_check(
        request["payload"],
        request.get("sdk_version", "1.13.16"),
        genuine_empty_is_authoritative=not request.get("stale", False),
    )
    return policy_loader.load_policy(translated)


def decide(evaluator, call, project_id):
    context = dict(call.get("context") or {})
    context["client_name"] = context.get("client_name") or ""
    context["project_id"] = project_id
    if call.get("hook") is not None:
        context["host_tool_name"] = call["hook"]
        context["subject_origin"] = "hook_check"
    evaluator.set_locale(call.get("locale"))
    try:
        found = evaluator.evaluate(call["tool"], call.get("method", "*"), context=context, args=call.get("args"))
    except Exception as error:
        return {"effect": "deny", "policy_id": "synthetic:ENGINE_UNAVAILABLE", "reason": str(error)}
    return {
        "effect": found.effect,
        "policy_id": found.policy_id,
        "reason": found.reason,
        "reason_code": found.reason_code,
        "match_semantics": found.match_semantics,
        "divergent": found.divergent_rule_ids,
        "escalates": found.requires_approval,
    }


def judge(request):
    try:
        policy = load(request)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    evaluator = PolicyEvaluator(rules=policy.rules, default_action=policy.settings.default_action)
    decisions = [decide(evaluator, call, request.get("project_id", "")) for call in request["calls"]]
    return {"status": policy.settings.enforcement_status, "decisions": decisions}


def scan(request):
    scanner = DLPScanner()
    try:
        scanner.add_rules(load_dlp_rules_from_policy({"dlp_rules": request["rules"]}))
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    rules = policy_loader.load_policy({"version": "1", "rules": [{"effect": request["effect"], "action": "*"}]}).rules
    evaluator = PolicyEvaluator(rules=rules, dlp_scanner=scanner)
    try:
        found = evaluator.evaluate("t", "*", args=request["args"], supports_arg_rewrite=request["rewrite"])
    except Exception as error:
        return {"effect": "deny", "policy_id": "synthetic:ENGINE_UNAVAILABLE", "reason_code": "", "masked": None}
    return {
        "effect": found.effect,
        "policy_id": found.policy_id,
        "reason_code": found.reason_code,
        "masked": found.masked_args,
    }


def command(line):
    subcommand = hook_extractors.git_subcommand(line)
    git = f"git_{subcommand}:{hook_extractors.git_target(line) or '*'}" if subcommand else ""
    tool, cloud = hook_extractors.cloud_cli(line), hook_extractors.cloud_subcommand(line)
    return [
        hook_extractors.shell_semantic_class(line),
        hook_extractors.most_dangerous_shell_command(line),
        git,
        f"{tool}:{cloud}" if tool and cloud else "",
    ]


def statement(sql):
    return [hook_extractors.sql_semantic_class(sql), hook_extractors.most_dangerous_sql_keyword(sql)]


ANSWERS = {
    "policies": judge,
    "commands": command,
    "statements": statement,
    "scans": scan,
    "searches": lambda asked: condition_ops.match_operator("matches", asked[1], asked[0], asked[2]),
    "tools": lambda pair: list(hook_extractors.extract_method(pair[0], pair[1])),
}

for line in sys.stdin:
    asked = json.loads(line)
    answer = {name: [ANSWERS[name](item) for item in items] for name, items in asked.items()}
    print(json.dumps(answer), flush=True)
