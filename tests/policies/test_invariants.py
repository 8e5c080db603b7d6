"""The invariants of the shipped policy: all hold, none says too little, each can fail."""

import shutil
from pathlib import Path

import pytest

from rbac.audit.invariants import ONLY, Result, Space
from rbac.audit.statements import read
from rbac.policy import Policy, shipped_folder
from rbac.rows import RoleRow
from rbac.table import DecisionTable
from rbac.vocabulary import Principal, ResourceRole

FOLDER = Path(shipped_folder())
SPACE = Space(DecisionTable(Policy.shipped()))
INVARIANTS = {each.name: each for each in read(str(FOLDER / "invariants.toml"), SPACE)}

Edit = tuple[str, str, str]
"""A file, the line it loses and the line it gains; one of them may be empty."""


def grant(row: str) -> Edit:
    """A grant more, in the file of what its role is held on."""
    held = {each.role: each.assigned_on for each in Policy.shipped().rows.roles}
    on = held[ResourceRole.parse(row.split(",")[0])]
    assert on is not None
    return f"grants/{on.short}.csv", "", f"p, {row}"


MUTATIONS: dict[str, Edit] = {
    "secret_values_reach_environments_only": grant("project_admin, secret, get_value, any"),
    "source_control_tokens_reach_runners_only": grant(
        "user_identity, host_authentication_token, get_value, own"
    ),
    "nobody_plants_a_source_control_credential_for_another": grant(
        "org_admin, host_authentication_token, create, any"
    ),
    "personal_access_tokens_are_made_by_their_user": grant(
        "user_admin, personal_access_token, create, any"
    ),
    "personal_things_are_their_users_alone": grant("user_admin, user_secret, list, any"),
    "identity_tokens_are_for_oneself": grant("user_admin, user, get_id_token, any"),
    "service_account_tokens_need_the_account_itself": grant(
        "service_account_admin, service_account_token, create, any"
    ),
    "service_account_tokens_need_an_impersonated_credential": (
        "requirements.csv",
        "service_account_token, list, credential impersonated",
        "",
    ),
    "acting_for_a_service_account_takes_its_admin": grant(
        "org_member, service_account, create_access_token, any"
    ),
    "environment_credentials_are_for_who_works_in_it": grant(
        "environment_viewer, environment, create_logs_token, own"
    ),
    "runner_credentials_are_for_its_admin_and_itself": grant(
        "runner_managed_admin, runner, create_runner_token, any"
    ),
    "provisioning_tokens_are_for_administrators": grant(
        "org_groups_admin, scim_configuration, regenerate_token, own"
    ),
    "sign_in_is_set_by_administrators": grant("org_member, sso_config, get, own"),
    "organization_policies_are_set_by_administrators": grant(
        "org_member, organization_policy, update, own"
    ),
    "billing_is_changed_by_administrators": grant("org_member, billing, set_user_budget, own"),
    "usage_is_read_by_administrators_or_of_oneself": (
        "grants/user.csv",
        "p, user_identity, billing, read_usage, own",
        "p, user_identity, billing, read_usage, any",
    ),
    "the_organization_is_changed_by_administrators": grant(
        "org_groups_admin, organization, create_invite, own"
    ),
    "people_are_suspended_by_administrators": grant("org_groups_admin, user, set_suspended, any"),
    "the_audit_log_has_its_readers": grant("org_member, organization, list_audit_logs, own"),
    "an_audit_log_reader_reads_nothing_else": grant("org_audit_log_reader, user, list, any"),
    "lockdown_is_for_administrators": grant("environment_admin, environment, set_lockdown, any"),
    "role_assignments_are_changed_by_administrators": grant(
        "org_groups_admin, role_assignment, create, own"
    ),
    "only_admins_hand_out_access": grant("environment_user, environment, grant, own"),
    "members_hand_out_nothing": grant("org_member, runner, create, any"),
    "identities_never_grant": grant("service_account_identity, workflow, grant, own"),
    "machines_never_grant": grant("environment_runner, environment, grant, any"),
    "what_the_system_gives_never_grants": grant("snapshot_admin, project, grant, own"),
    "automations_are_shared_by_organization_roles": grant("workflow_user, workflow, grant, any"),
    "groups_are_made_apart_from_roles": grant("org_groups_admin, role_assignment, share, own"),
    "viewers_change_nothing": grant("workflow_viewer, workflow_execution, cancel, own"),
    "project_roles_never_reach_environments": grant("project_admin, environment, get, own"),
    "runner_roles_never_reach_environments": grant("runner_admin, environment, stop, own"),
    "administrators_do_not_enter_environments": grant("org_admin, environment, start, any"),
    "automations_stay_out_of_environments": grant("org_automations_admin, task, start, any"),
    "executors_see_their_own_executions": (
        "grants/workflow.csv",
        "p, workflow_executor, workflow_execution, get, own",
        "p, workflow_executor, workflow_execution, get, any",
    ),
    "the_runner_side_is_for_runners": grant("runner_admin, runner, send_response, any"),
    "states_are_reported_by_what_runs": grant("environment_admin, environment, update_status, any"),
    "nobody_has_the_platform": grant("org_admin, billing, grant_credits, any"),
    "whoever_changes_a_shareable_thing_sees_it": (
        "grants/webhook.csv",
        "p, webhook_viewer, webhook, get, any",
        "",
    ),
    "environments_need_a_runner_one_may_use": ("requirements.csv", "project, use, runner use", ""),
    "service_accounts_make_no_webhooks": (
        "requirements.csv",
        "webhook, create, principal user",
        "",
    ),
    "environments_lie_in_their_organization_alone": (
        "containment.csv",
        "",
        "g3, environment, project",
    ),
    "secret_values_come_from_consuming_alone": (
        "derived_roles.csv",
        "",
        "environment, secret, environment_identity",
    ),
    "identities_come_from_being_oneself": ("derived_roles.csv", "", "owner, user, user_identity"),
    "admins_come_from_owning": ("derived_roles.csv", "", "runner, environment, environment_admin"),
    "each_identity_has_its_principal": ("eligibility.csv", "", "g2, runner, user_identity"),
    "runner_identities_are_runners": ("eligibility.csv", "", "g2, environment, runner_identity"),
    "environment_identities_are_environments": (
        "eligibility.csv",
        "",
        "g2, runner, environment_task_env",
    ),
    "runner_managers_and_accounts_hold_nothing": (
        "eligibility.csv",
        "",
        "g2, runner_manager, runner_user",
    ),
    "system_roles_are_never_assigned": (
        "roles.csv",
        "runner_identity, runner, system, a runner acting as itself",
        "runner_identity, runner, yes, a runner acting as itself",
    ),
}
"""For each invariant, a change of one row that its author would not want to see land."""


def test_every_invariant_holds_of_the_shipped_policy() -> None:
    """Nothing that the policy must never allow is allowed, in any cell and any row."""
    assert len(INVARIANTS) >= 20
    for invariant in INVARIANTS.values():
        assert SPACE.prove(invariant).holds, invariant.name


def test_every_invariant_has_its_mutation() -> None:
    """No statement is in the file without a change that it is there to stop."""
    assert INVARIANTS.keys() == MUTATIONS.keys()


def mutated(folder: Path, edit: Edit) -> None:
    """Changes one row of a policy folder; a new grant comes with a reason of its own."""
    name, lost, gained = edit
    file = folder / name
    text = file.read_text()
    if lost:
        assert f"{lost}\n" in text
        text = text.replace(f"{lost}\n", f"{gained}\n" if gained else "")
    else:
        why = "# open name: a mutation\n" if name.startswith("grants/") else ""
        text = text.replace("\n# end\n", f"\n{why}{gained}\n\n# end\n")
    file.write_text(text)


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_change_of_one_row_refutes_each_invariant(name: str, tmp_path: Path) -> None:
    """A policy that the strict reader takes, one row away from the shipped one, is caught."""
    folder = tmp_path / "policy"
    shutil.copytree(FOLDER, folder)
    assert proved(folder, name).holds
    mutated(folder, MUTATIONS[name])
    result = proved(folder, name)
    assert not result.holds
    assert bool(result.facts) is (INVARIANTS[name].about != "cells")


def proved(folder: Path, name: str) -> Result:
    """What becomes of one invariant in a policy folder."""
    space = Space(DecisionTable(Policy.load(folder)))
    statements = {each.name: each for each in read(str(folder / "invariants.toml"), space)}
    return space.prove(statements[name])


ONLYS = [name for name, each in INVARIANTS.items() if each.form == ONLY and each.about == "cells"]


@pytest.mark.parametrize("name", ONLYS)
def test_nobody_is_let_through_who_does_not_need_it(name: str) -> None:
    """Each role and principal that an ``only`` names is allowed something: no door is left open."""
    invariant = INVARIANTS[name]
    inside = SPACE.box(invariant.selections["on"]).of(SPACE.allowed)
    chosen = SPACE.box(invariant.selections[ONLY]).of(inside)
    used = {thing for line in chosen.masks for thing in (line.principal, line.role)}
    for key, kind in (("roles", ResourceRole), ("principals", Principal)):
        for named in invariant.selections[ONLY].get(key, ()):
            assert isinstance(named, kind)
            assert named in used, f"{name} lets {named} through for nothing"


EXCEPTS = [name for name, each in INVARIANTS.items() if "except" in each.selections]


@pytest.mark.parametrize("name", EXCEPTS)
def test_every_exception_is_needed(name: str) -> None:
    """Without its exception the statement would be refuted; an exception for nothing is a hole."""
    invariant = INVARIANTS[name]
    fewer = {key: names for key, names in invariant.selections.items() if key != "except"}
    assert not SPACE.prove(invariant._replace(selections=fewer)).holds


def test_no_role_of_a_suffix_is_forgotten() -> None:
    """What statements say of families by their names covers every role of the system."""
    rows: list[RoleRow] = [row for row in Policy.shipped().rows.roles if not row.assignable]
    never = INVARIANTS["system_roles_are_never_assigned"].selections["never"]["roles"]
    open_to_machines = {
        row.role
        for row in Policy.shipped().rows.eligibility
        if row.principal in (Principal.RUNNER, Principal.ENVIRONMENT)
    }
    machines = {row.role for row in rows if row.role in open_to_machines}
    assert machines - never == {ResourceRole.RUNNER_CONFIGURATION_READER}
