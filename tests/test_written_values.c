/* What a level of Pod Security forbids, and what becomes of it with --unsafe-fixes: Kubernetes' own fixtures of the
 * corpus, and pods of the kinds that its fixtures are made of (k8s.io/pod-security-admission/test). */
#include "harden.h"
#include "link.h"
#include "pod.h"
#include "pod_check.h"

#include <criterion/criterion.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>

/* Checks whose values are reported only: what they give has no one right answer. */
static const struct str reported[] = {
    STR_INIT("hostNamespaces"),
    STR_INIT("hostPathVolumes"),
    STR_INIT("hostPorts"),
    STR_INIT("sysctls"),
    STR_INIT("hostProbesAndHostLifecycle"),
    STR_INIT("windowsHostProcess"),
    STR_INIT("restrictedVolumes"),
};

/* The text after a run with --pod-security. An image of one word is the one that is built here. */
static struct str hardened(struct arena *arena, struct str text, struct pod_demand demand,
                           enum config_switch unsafe_fixes) {
    struct diags diags = {.arena = arena};
    struct project project = {.arena = arena,
                              .diags = &diags,
                              .is_filter = true,
                              .configs.none = {.pod_demand = demand, .unsafe_fixes = unsafe_fixes}};
    project_add_text(&project, STR("none/Dockerfile"),
                     STR("FROM debian:13\nCOPY app /app\nUSER 65535:65535\nCMD [\"/app\"]\n"));
    project_add_text(&project, STR("none/pod.yaml"), text);
    project_link(&project);
    harden(&project);
    cr_expect_eq(diags.list.n, 0, "%.*s: %.*s", STR_ARG(text),
                 STR_ARG(diags.list.n ? diags.list.at[0].message : STR("")));
    return project.input->after;
}

/* What the API refuses whoever asks: allowPrivilegeEscalation: false of a container that may do everything. */
static void check_valid(const struct yaml_node *spec, struct str key, struct str text) {
    const struct yaml_node *list = yaml_list(spec, key);
    for (uint32_t i = 0; i < list->n; i++) {
        const struct yaml_node *context = yaml_get(list->items[i], STR("securityContext"));
        const struct yaml_node *added = yaml_list(yaml_get(context, STR("capabilities")), STR("add"));
        bool is_all = pod_is_true(yaml_get(context, STR("privileged")));
        for (uint32_t j = 0; j < added->n; j++)
            is_all |= str_contains(yaml_text(added->items[j]), STR("SYS_ADMIN"));
        cr_expect(!(is_all && pod_is_false(yaml_get(context, STR("allowPrivilegeEscalation")))), "%.*s", STR_ARG(text));
    }
}

static struct pod_verdict verdict_of(struct arena *arena, struct str text, uint32_t minor, bool is_result) {
    struct diags diags = {.arena = arena};
    struct source *source = arena_new(arena, struct source);
    *source = source_from(arena, STR("pod.yaml"), text, FORMAT_KUBE);
    const struct yaml *yaml = yaml_parse(arena, source, &diags);
    cr_assert(yaml && yaml->documents.n == 1, "%.*s", STR_ARG(text));
    const struct yaml_node *root = yaml->documents.at[0].root, *spec = yaml_get(root, STR("spec"));
    if (is_result) {
        check_valid(spec, STR("containers"), text);
        check_valid(spec, STR("initContainers"), text);
    }
    return pod_security(arena, yaml_get(root, STR("metadata")), spec, minor);
}

/* Hardens it twice, and looks at what is left. */
static struct pod_verdict verdict_after(struct arena *arena, struct str text, struct pod_demand demand) {
    struct str once = hardened(arena, text, demand, CONFIG_ON), twice = hardened(arena, once, demand, CONFIG_ON);
    cr_expect(str_eq(once, twice), "a second run changes\n%.*s\nto\n%.*s", STR_ARG(once), STR_ARG(twice));
    return verdict_of(arena, once, demand.minor, true);
}

static void check_fixture(struct arena *arena, const char *path, uint32_t *n_fixed) {
    struct diags diags = {.arena = arena};
    struct str text;
    cr_assert(source_read(arena, str_of(path), &text, &diags), "%s", path);
    struct pod_demand demand = {true, POD_BASELINE, POD_SECURITY_LATEST};
    struct pod_verdict verdict = verdict_after(arena, text, demand);
    *n_fixed += verdict.level >= POD_BASELINE && strstr(path, "/fail/");
    for (uint32_t i = 0; i < verdict.reasons.n; i++) {
        const struct pod_reason *reason = &verdict.reasons.at[i];
        cr_expect(reason->level > POD_BASELINE || STR_IS_IN(str_of(reason->check->id), reported), "%s: %.*s", path,
                  STR_ARG(pod_reason_message(arena, reason)));
    }
}

Test(written_values, fixtures_of_the_corpus) {
    ARENA(arena);
    const char *root = getenv("IRONHULL_CORPUS");
    char *folder = str_c(&arena, str_printf(&arena, "%s/pod-security-baseline", root ? root : "../shared/corpus"));
    char *roots[] = {folder, NULL};
    uint32_t n_fixed = 0;
    FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    for (FTSENT *entry; fts && (entry = fts_read(fts));)
        if (entry->fts_info == FTS_F)
            check_fixture(&arena, entry->fts_path, &n_fixed);
    if (fts)
        fts_close(fts);
    if (n_fixed == 0)
        cr_skip_test("no folder %s", folder);
    cr_expect_eq(n_fixed, 18);
}

#define CONTEXT "    runAsNonRoot: true\n    seccompProfile:\n      type: RuntimeDefault\n"
#define NO_SECCOMP "    runAsNonRoot: true\n"
#define NO_USER "    seccompProfile:\n      type: RuntimeDefault\n"
#define OWN "      allowPrivilegeEscalation: false\n      capabilities:\n        drop:\n        - ALL\n"
#define NO_DROP "      allowPrivilegeEscalation: false\n"
#define NO_APE "      capabilities:\n        drop:\n        - ALL\n"
#define ADD(names) NO_DROP "      capabilities:\n        add: " names "\n        drop:\n        - ALL\n"
#define NOW POD_SECURITY_LATEST

/* A pod of two containers: keys of its metadata, of its spec, and of the three securityContexts. NULL: what restricted
 * needs; "": an empty mapping; "-": none. */
static const struct fixture {
    uint32_t minor;
    const char *metadata, *spec, *context, *own, *init;
} fixtures[] = {
    {.minor = NOW},
    /* allowPrivilegeEscalation */
    {.minor = NOW, .own = NO_APE "      allowPrivilegeEscalation: true\n"},
    {.minor = NOW, .init = NO_APE "      allowPrivilegeEscalation: true\n"},
    {.minor = NOW, .own = NO_APE},
    {.minor = NOW, .own = "-"},
    {.minor = 8, .own = "      allowPrivilegeEscalation: yes\n", .init = ""},
    /* capabilities */
    {.minor = NOW, .own = NO_DROP "      capabilities: {}\n"},
    {.minor = NOW, .init = NO_DROP "      capabilities:\n        drop: []\n"},
    {.minor = NOW, .own = NO_DROP "      capabilities:\n        drop:\n        - SYS_TIME\n        - CHOWN\n"},
    {.minor = NOW, .own = NO_DROP "      capabilities:\n        drop: [all]\n"},
    {.minor = NOW,
     .own = ADD("[AUDIT_WRITE, CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, MKNOD, NET_BIND_SERVICE, "
                "SETFCAP, SETGID, SETPCAP, SETUID, SYS_CHROOT]")},
    {.minor = NOW, .own = ADD("[NET_RAW]"), .init = ADD("\n        - chown\n        - CAP_KILL")},
    {.minor = NOW, .own = ADD("[CAP_SYS_ADMIN]")},
    {.minor = NOW, .own = ADD("[ALL]"), .init = ADD("['cap_sys_admin', \"net_bind_service\"]")},
    /* privileged */
    {.minor = NOW, .own = OWN "      privileged: true\n"},
    {.minor = NOW, .init = "      privileged: on\n      allowPrivilegeEscalation: true\n"},
    /* runAsNonRoot, runAsUser */
    {.minor = NOW, .context = NO_USER},
    {.minor = NOW, .context = NO_USER "    runAsNonRoot: false\n"},
    {.minor = NOW, .own = OWN "      runAsNonRoot: false\n"},
    {.minor = NOW, .init = OWN "      runAsNonRoot: false\n"},
    {.minor = NOW,
     .context = NO_USER "    runAsNonRoot: false\n",
     .own = OWN "      runAsNonRoot: true\n",
     .init = OWN "      runAsNonRoot: true\n"},
    {.minor = NOW, .context = CONTEXT "    runAsUser: 0\n"},
    {.minor = NOW, .context = NO_USER "    runAsUser: 0\n"},
    {.minor = NOW, .own = OWN "      runAsUser: 0\n"},
    {.minor = NOW, .init = OWN "      runAsUser: 0x0\n      runAsNonRoot: false\n"},
    {.minor = NOW, .context = "    runAsUser: 0\n", .own = "      runAsUser: 0\n", .init = "      runAsUser: 0\n"},
    {.minor = 34, .spec = "  hostUsers: false\n", .context = CONTEXT "    runAsUser: 0\n"},
    /* seccompProfile */
    {.minor = NOW, .context = NO_SECCOMP},
    {.minor = NOW, .context = NO_SECCOMP "    seccompProfile:\n      type: Unconfined\n"},
    {.minor = NOW, .context = NO_SECCOMP "    seccompProfile: {}\n"},
    {.minor = NOW, .own = OWN "      seccompProfile:\n        type: Unconfined\n"},
    {.minor = NOW, .context = NO_SECCOMP, .own = OWN "      seccompProfile:\n        type: RuntimeDefault\n"},
    {.minor = NOW,
     .context = NO_SECCOMP,
     .own = OWN "      seccompProfile:\n        type: RuntimeDefault\n",
     .init = OWN "      seccompProfile:\n        type: Unconfined\n"},
    {.minor = NOW,
     .context = NO_SECCOMP "    seccompProfile:\n      type: Unconfined\n",
     .own = OWN "      seccompProfile:\n        type: RuntimeDefault\n",
     .init = OWN "      seccompProfile:\n        type: RuntimeDefault\n"},
    {.minor = 18, .metadata = "  annotations:\n    seccomp.security.alpha.kubernetes.io/pod: unconfined\n"},
    {.minor = 18,
     .metadata = "  annotations: {container.seccomp.security.alpha.kubernetes.io/container1: unconfined}\n"},
    /* AppArmor, SELinux, procMount */
    {.minor = NOW, .context = CONTEXT "    appArmorProfile:\n      type: Unconfined\n"},
    {.minor = NOW, .own = OWN "      appArmorProfile: {type: Unconfined}\n"},
    {.minor = NOW,
     .metadata = "  annotations:\n    container.apparmor.security.beta.kubernetes.io/container1: unconfined\n"
                 "    container.apparmor.security.beta.kubernetes.io/initcontainer1: unconfined\n"},
    {.minor = NOW, .context = CONTEXT "    seLinuxOptions:\n      type: spc_t\n      user: u\n      role: r\n"},
    {.minor = NOW, .own = OWN "      seLinuxOptions:\n        level: s0\n        type: spc_t\n"},
    {.minor = NOW, .spec = "  hostUsers: true\n", .own = OWN "      procMount: Unmasked\n"},
    {.minor = NOW, .spec = "  hostUsers: false\n", .init = OWN "      procMount: Unmasked\n"},
    {.minor = 34, .spec = "  hostUsers: false\n", .own = OWN "      procMount: Unmasked\n"},
    /* all at once */
    {.minor = NOW,
     .context = "    runAsUser: 0\n    runAsNonRoot: false\n    seccompProfile: {type: Unconfined}\n",
     .own = "      {runAsUser: 0, privileged: true, capabilities: {add: [ALL], drop: [ALL]}}\n",
     .init = "      {\"allowPrivilegeEscalation\": true, \"procMount\": \"Unmasked\"}\n"},
};

static struct str context_of(struct arena *arena, const char *indent, const char *given, const char *usual) {
    const char *text = given ? given : usual;
    return strcmp(text, "-") == 0 ? STR("")
                                  : str_printf(arena, "%ssecurityContext:%s%s", indent, *text ? "\n" : " {}\n", text);
}

static struct str pod_of(struct arena *arena, const struct fixture *fixture, const char *image) {
    return str_printf(arena,
                      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: pod\n%sspec:\n  containers:\n"
                      "  - image: %s\n    name: container1\n%.*s  initContainers:\n"
                      "  - image: %s\n    name: initcontainer1\n%.*s%.*s%s",
                      fixture->metadata ? fixture->metadata : "", image,
                      STR_ARG(context_of(arena, "    ", fixture->own, OWN)), image,
                      STR_ARG(context_of(arena, "    ", fixture->init, OWN)),
                      STR_ARG(context_of(arena, "  ", fixture->context, CONTEXT)), fixture->spec ? fixture->spec : "");
}

Test(written_values, restricted_of_an_image_that_is_built_here) {
    for (uint32_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++) {
        ARENA(arena);
        struct str text = pod_of(&arena, &fixtures[i], "none");
        struct pod_demand demand = {true, POD_RESTRICTED, fixtures[i].minor};
        struct pod_verdict verdict = verdict_after(&arena, text, demand);
        cr_expect_eq(verdict_of(&arena, text, demand.minor, false).level == POD_RESTRICTED, i == 0, "row %u", i);
        cr_expect_eq(verdict.level, POD_RESTRICTED, "row %u: %.*s\n%.*s", i,
                     STR_ARG(verdict.reasons.n ? pod_reason_message(&arena, &verdict.reasons.at[0]) : STR("")),
                     STR_ARG(hardened(&arena, text, demand, CONFIG_ON)));
    }
}

/* What is left as it is without --unsafe-fixes does not get what the API refuses beside it. */
Test(written_values, valid_without_unsafe_fixes) {
    static const char *const contexts[] = {
        "      privileged: true\n", "      privileged: on\n", "      capabilities: {add: [SYS_ADMIN]}\n",
        "      capabilities: {add: [CAP_SYS_ADMIN]}\n", "      capabilities:\n        add: [cap_sys_admin]\n"};
    for (uint32_t i = 0; i < sizeof contexts / sizeof *contexts; i++) {
        ARENA(arena);
        struct str text = pod_of(&arena, &(struct fixture){.own = contexts[i], .init = ""}, "none");
        struct str after = hardened(&arena, text, (struct pod_demand){0}, CONFIG_OFF);
        cr_expect(str_contains(after, str_of(contexts[i])), "%.*s", STR_ARG(after));
        cr_expect(str_contains(after, STR("allowPrivilegeEscalation: false")), "the other container: %.*s",
                  STR_ARG(after));
        verdict_of(&arena, after, NOW, true);
    }
}

/* Of an image of which nothing is known too, nothing that somebody wrote is left. */
Test(written_values, restricted_of_an_unknown_image) {
    for (uint32_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++) {
        ARENA(arena);
        struct str text = pod_of(&arena, &fixtures[i], "registry.example.com/team/unknown:1");
        struct pod_verdict verdict =
            verdict_after(&arena, text, (struct pod_demand){true, POD_RESTRICTED, fixtures[i].minor});
        for (uint32_t j = 0; j < verdict.reasons.n; j++) {
            const struct pod_reason *reason = &verdict.reasons.at[j];
            bool is_list = reason->value && reason->value->kind == YAML_SEQUENCE; /* of capabilities.drop */
            cr_expect(!reason->value || is_list, "row %u: %.*s", i, STR_ARG(pod_reason_message(&arena, reason)));
        }
    }
}
