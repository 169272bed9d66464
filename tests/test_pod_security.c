/* Pod Security levels: each check with what passes and what fails, by version, and the fixtures of the corpus. */
#include "pod_security.h"

#include <criterion/criterion.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>

/* The verdict on the Pod in a text. */
static struct pod_verdict verdict_of(struct arena *arena, struct str text, uint32_t minor) {
    struct diags diags = {.arena = arena};
    struct source *source = arena_new(arena, struct source);
    *source = source_from(arena, STR("pod.yaml"), text, FORMAT_KUBE);
    const struct yaml *yaml = yaml_parse(arena, source, &diags);
    cr_assert(yaml && yaml->documents.n == 1, "%.*s", STR_ARG(text));
    const struct yaml_node *root = yaml->documents.at[0].root;
    return pod_security(arena, yaml_get(root, STR("metadata")), yaml_get(root, STR("spec")), minor);
}

/* A Pod that is restricted but for what is given: keys of the pod, of its securityContext, of its container, and of
 * that one's securityContext. NULL: nothing more; for the last two securityContexts: what restricted needs. */
#define DROP "capabilities: {drop: [ALL]}, allowPrivilegeEscalation: false"
#define USER "runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}"

static struct str pod_with(struct arena *arena, const char *metadata, const char *spec, const char *context,
                           const char *container, const char *own) {
    return str_printf(
        arena,
        "metadata: {name: a%s%s}\n"
        "spec: {securityContext: {%s}, containers: [{name: a, image: a, securityContext: {%s}%s%s}]%s%s}\n",
        metadata ? ", " : "", metadata ? metadata : "", context ? context : USER, own ? own : DROP,
        container ? ", " : "", container ? container : "", spec ? ", " : "", spec ? spec : "");
}

#define NOW POD_SECURITY_LATEST
#define P POD_PRIVILEGED
#define B POD_BASELINE
#define R POD_RESTRICTED

#define APPARMOR "container.apparmor.security.beta.kubernetes.io/a"
#define SECCOMP "seccomp.security.alpha.kubernetes.io/pod"
#define CONTAINER_SECCOMP "container.seccomp.security.alpha.kubernetes.io/a"

static const struct {
    uint32_t minor;
    enum pod_level level;
    const char *metadata, *spec, *context, *container, *own, *reason; /* the check in the last reason */
} rows[] = {
    {NOW, R, .reason = NULL},
    {NOW, R, .spec = "hostNetwork: false, hostPID: null"},
    {NOW, P, .spec = "hostNetwork: true", .reason = "hostNamespaces"},
    {NOW, P, .spec = "hostPID: yes", .reason = "hostNamespaces"},
    {0, P, .spec = "hostIPC: on", .reason = "hostNamespaces"},
    {NOW, R, .own = "privileged: false, " DROP},
    {NOW, P, .own = "privileged: true, " DROP, .reason = "privileged"},
    {NOW, R, .own = "allowPrivilegeEscalation: no, capabilities: {add: [NET_BIND_SERVICE], drop: [KILL, ALL]}"},
    {NOW, B, .own = "allowPrivilegeEscalation: false, capabilities: {add: [CHOWN], drop: [ALL]}",
     .reason = "capabilities_restricted"},
    {NOW, P, .own = "allowPrivilegeEscalation: false, capabilities: {add: [NET_RAW], drop: [ALL]}",
     .reason = "capabilities_baseline"},
    {NOW, P, .own = "allowPrivilegeEscalation: false, capabilities: {add: [CAP_CHOWN], drop: [ALL]}",
     .reason = "capabilities_baseline"},
    {NOW, B, .own = "allowPrivilegeEscalation: false, capabilities: {drop: [all]}",
     .reason = "capabilities_restricted"},
    {NOW, B, .own = "allowPrivilegeEscalation: false", .reason = "capabilities_restricted"},
    {22, B, .own = "allowPrivilegeEscalation: false", .reason = "capabilities_restricted"},
    {21, R, .own = "allowPrivilegeEscalation: false, capabilities: {add: [CHOWN]}"},
    {NOW, P, .spec = "volumes: [{name: v, hostPath: {path: /}}]", .reason = "hostPathVolumes"},
    {NOW, R, .spec = "volumes: [{name: v, hostPath: null}]"},
    {NOW, R, .container = "ports: [{containerPort: 80, hostPort: 0}]"},
    {NOW, R, .container = "ports: [{containerPort: 80, hostPort: 0b0}, {containerPort: 81, hostPort: 0o0}]"},
    {NOW, P, .container = "ports: [{containerPort: 80}, {containerPort: 81, hostPort: 81}]", .reason = "hostPorts"},
    {34, P, .container = "livenessProbe: {httpGet: {host: h}}", .reason = "hostProbesAndHostLifecycle"},
    {33, R, .container = "livenessProbe: {httpGet: {host: h}}"},
    {NOW, P, .container = "startupProbe: {tcpSocket: {host: h}}", .reason = "hostProbesAndHostLifecycle"},
    {NOW, P, .container = "lifecycle: {preStop: {httpGet: {host: h}}}", .reason = "hostProbesAndHostLifecycle"},
    {NOW, R, .container = "readinessProbe: {httpGet: {host: '', port: 1}}"},
    {NOW, R, .own = "procMount: Default, " DROP},
    {NOW, P, .own = "procMount: Unmasked, " DROP, .reason = "procMount"},
    {35, B, .spec = "hostUsers: false", .own = "procMount: Unmasked, " DROP, .reason = "procMount_restricted"},
    {34, P, .spec = "hostUsers: false", .own = "procMount: Unmasked, " DROP, .reason = "procMount"},
    {NOW, P, .spec = "hostUsers: true", .own = "procMount: Unmasked, " DROP, .reason = "procMount"},
    {NOW, R, .own = "appArmorProfile: {type: Localhost, localhostProfile: p}, " DROP},
    {NOW, P, .context = "appArmorProfile: {type: Unconfined}, " USER, .reason = "appArmorProfile"},
    {1, P, .own = "appArmorProfile: {}, " DROP, .reason = "appArmorProfile"},
    {NOW, R, .metadata = "annotations: {" APPARMOR ": localhost/p, other: unconfined}"},
    {NOW, P, .metadata = "annotations: {" APPARMOR ": unconfined}", .reason = "appArmorProfile"},
    {31, R, .own = "seLinuxOptions: {type: container_engine_t, level: l}, " DROP},
    {30, P, .own = "seLinuxOptions: {type: container_engine_t}, " DROP, .reason = "seLinuxOptions"},
    {NOW, R, .context = "seLinuxOptions: {type: container_kvm_t}, " USER},
    {NOW, P, .context = "seLinuxOptions: {type: spc_t}, " USER, .reason = "seLinuxOptions"},
    {NOW, P, .context = "seLinuxOptions: {user: u}, " USER, .reason = "seLinuxOptions"},
    {NOW, P, .own = "seLinuxOptions: {role: r}, " DROP, .reason = "seLinuxOptions"},
    {18, P, .metadata = "annotations: {" SECCOMP ": unconfined}", .reason = "seccompProfile_baseline"},
    {18, P, .metadata = "annotations: {" CONTAINER_SECCOMP ": unconfined}", .reason = "seccompProfile_baseline"},
    {18, R, .metadata = "annotations: {" SECCOMP ": docker/default, " CONTAINER_SECCOMP ": localhost/p}"},
    {19, R, .metadata = "annotations: {" SECCOMP ": unconfined}"},
    {19, P, .own = "seccompProfile: {type: Unconfined}, " DROP, .reason = "seccompProfile_baseline"},
    {18, R, .own = "seccompProfile: {type: Unconfined}, " DROP},
    {NOW, P, .context = "runAsNonRoot: true, seccompProfile: {type: Unconfined}",
     .own = "seccompProfile: {type: RuntimeDefault}, " DROP, .reason = "seccompProfile_baseline"},
    {NOW, P, .own = "seccompProfile: {}, " DROP, .reason = "seccompProfile_baseline"},
    {19, B, .context = "runAsNonRoot: true", .reason = "seccompProfile_restricted"},
    {18, R, .context = "runAsNonRoot: true"},
    {NOW, R, .context = "runAsNonRoot: true", .own = "seccompProfile: {type: Localhost}, " DROP},
    {0, R, .context = "sysctls: [{name: net.ipv4.tcp_syncookies}], " USER},
    {NOW, P, .context = "sysctls: [{name: kernel.msgmax}], " USER, .reason = "sysctls"},
    {27, R, .context = "sysctls: [{name: net.ipv4.ip_local_reserved_ports}], " USER},
    {26, P, .context = "sysctls: [{name: net.ipv4.ip_local_reserved_ports}], " USER, .reason = "sysctls"},
    {29, R, .context = "sysctls: [{name: net.ipv4.tcp_keepalive_probes}], " USER},
    {28, P, .context = "sysctls: [{name: net.ipv4.tcp_fin_timeout}], " USER, .reason = "sysctls"},
    {32, R, .context = "sysctls: [{name: net.ipv4.tcp_wmem}], " USER},
    {31, P, .context = "sysctls: [{name: net.ipv4.tcp_rmem}], " USER, .reason = "sysctls"},
    {37, R, .context = "sysctls: [{name: net.ipv4.tcp_notsent_lowat}], " USER},
    {36, P, .context = "sysctls: [{name: net.ipv4.tcp_slow_start_after_idle}], " USER, .reason = "sysctls"},
    {NOW, R, .context = "windowsOptions: {hostProcess: false}, " USER},
    {NOW, P, .context = "windowsOptions: {hostProcess: true}, " USER, .reason = "windowsHostProcess"},
    {NOW, P, .own = "windowsOptions: {hostProcess: true}, " DROP, .reason = "windowsHostProcess"},
    {0, R, .spec = "volumes: [{name: v, image: {reference: r}}, {name: w}, {name: x, projected: {}}]"},
    {NOW, B, .spec = "volumes: [{name: v, emptyDir: {}}, {name: w, nfs: {server: s, path: /}}]",
     .reason = "restrictedVolumes"},
    {NOW, B, .spec = "volumes: [{<<: {gitRepo: {repository: r}}, name: v}]", .reason = "restrictedVolumes"},
    {8, B, .own = "allowPrivilegeEscalation: true", .reason = "allowPrivilegeEscalation"},
    {NOW, B, .own = "capabilities: {drop: [ALL]}", .reason = "allowPrivilegeEscalation"},
    {7, R, .own = "allowPrivilegeEscalation: true"},
    {NOW, B, .context = "seccompProfile: {type: Localhost}", .reason = "runAsNonRoot"},
    {0, B, .context = "", .own = "", .reason = "runAsNonRoot"},
    {NOW, R, .context = "seccompProfile: {type: Localhost}", .own = "runAsNonRoot: true, " DROP},
    {NOW, B, .context = "runAsNonRoot: false, seccompProfile: {type: Localhost}", .own = "runAsNonRoot: true, " DROP,
     .reason = "runAsNonRoot"},
    {NOW, B, .own = "runAsNonRoot: false, " DROP, .reason = "runAsNonRoot"},
    {35, R, .spec = "hostUsers: false",
     .context = "runAsNonRoot: false, runAsUser: 0, seccompProfile: {type: Localhost}"},
    {34, B, .spec = "hostUsers: false", .context = "seccompProfile: {type: Localhost}", .reason = "runAsNonRoot"},
    {34, B, .spec = "hostUsers: false", .context = "runAsUser: 0, " USER, .reason = "runAsUser"},
    {23, B, .context = "runAsUser: 0, " USER, .reason = "runAsUser"},
    {22, R, .context = "runAsUser: 0, " USER},
    {NOW, B, .own = "runAsUser: 0x0, " DROP, .reason = "runAsUser"},
    {NOW, B, .own = "runAsUser: 0_0, " DROP, .reason = "runAsUser"},
    {NOW, R, .own = "runAsUser: 1000, " DROP},
    {NOW, R, .own = "runAsUser: 0b1, " DROP},
    {25, R, .spec = "os: {name: windows}", .context = "runAsNonRoot: true", .own = ""},
    {24, B, .spec = "os: {name: windows}", .context = "runAsNonRoot: true", .own = "",
     .reason = "capabilities_restricted"},
    {NOW, B, .spec = "os: {name: windows}", .context = "", .own = "", .reason = "runAsNonRoot"},
    {NOW, B, .spec = "initContainers: [{name: i, image: i}]", .reason = "capabilities_restricted"},
    {NOW, P, .spec = "ephemeralContainers: [{name: e, securityContext: {privileged: true, " DROP "}}]",
     .reason = "privileged"},
};

Test(pod_security, checks_by_version) {
    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ARENA(arena);
        struct str text =
            pod_with(&arena, rows[i].metadata, rows[i].spec, rows[i].context, rows[i].container, rows[i].own);
        struct pod_verdict verdict = verdict_of(&arena, text, rows[i].minor);
        const struct pod_reason *reason = verdict.reasons.n ? &verdict.reasons.at[verdict.reasons.n - 1] : NULL;
        struct str last = reason ? pod_reason_message(&arena, reason) : STR("");
        cr_expect_eq(verdict.level, rows[i].level, "row %u: %.*s\n%.*s", i, STR_ARG(last), STR_ARG(text));
        cr_expect_eq(verdict.reasons.n > 0, rows[i].reason != NULL, "row %u: %.*s", i, STR_ARG(last));
        struct str check = str_printf(&arena, " (%s): ", rows[i].reason ? rows[i].reason : "");
        cr_expect(!rows[i].reason || str_contains(last, check), "row %u: %.*s", i, STR_ARG(last));
    }
}

Test(pod_security, says_each_reason_once_at_its_place) {
    ARENA(arena);
    struct str text = pod_with(&arena, NULL, "volumes: [{name: v, hostPath: {path: /}}]", "runAsNonRoot: false", NULL,
                               "capabilities: {add: [SYS_ADMIN]}, procMount: Unmasked, seccompProfile: {type: no}");
    static const struct {
        const char *at, *says;
        enum pod_level level;
    } wanted[] = {
        {"SYS_ADMIN]", "container a: capabilities.add: SYS_ADMIN is forbidden by baseline (capabilities_baseline)", B},
        {"{path: /}", "volume v: hostPath is forbidden by baseline (hostPathVolumes)", B},
        {"Unmasked", "container a: procMount: Unmasked is forbidden by baseline (procMount)", B},
        {"no}", "container a: seccompProfile.type: no is forbidden by baseline (seccompProfile_baseline)", B},
        {"image: a", "container a: allowPrivilegeEscalation is not given, which restricted needs", R},
        {"false}", "runAsNonRoot: false is forbidden by restricted (runAsNonRoot)", R},
        {"image: a", "container a: capabilities.drop is not given, which restricted needs", R},
    };
    struct pod_verdict verdict = verdict_of(&arena, text, NOW);
    cr_assert_eq(verdict.reasons.n, sizeof wanted / sizeof *wanted);
    for (uint32_t i = 0; i < verdict.reasons.n; i++) {
        const struct pod_reason *reason = &verdict.reasons.at[i];
        struct str message = pod_reason_message(&arena, reason);
        cr_expect(str_starts(message, str_of(wanted[i].says)), "%.*s", STR_ARG(message));
        cr_expect(str_starts(str_sub(text, reason->at, text.n), str_of(wanted[i].at)), "%s", wanted[i].says);
        cr_expect_eq(reason->level, wanted[i].level);
    }
}

Test(pod_security, reads_its_option) {
    ARENA(arena);
    static const struct {
        const char *text, *wrong;
        struct pod_demand demand;
    } options[] = {
        {"restricted", NULL, {true, POD_RESTRICTED, NOW}},
        {"baseline:latest", NULL, {true, POD_BASELINE, NOW}},
        {"privileged:v1.0", NULL, {true, POD_PRIVILEGED, 0}},
        {"restricted:v1.37", NULL, {true, POD_RESTRICTED, 37}},
        {"Restrictd", "is restricted meant?", {0}},
        {"", "there are privileged, baseline, restricted", {0}},
        {"baseline:", "v1.N", {0}},
        {"baseline:1.25", "v1.N", {0}},
        {"baseline:v1.x", "v1.N", {0}},
        {"baseline:v2.0", "v1.N", {0}},
    };
    for (uint32_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct pod_demand demand;
        const char *wrong = pod_demand_read(&arena, str_of(options[i].text), &demand);
        cr_assert_eq(wrong != NULL, options[i].wrong != NULL, "%s: %s", options[i].text, wrong);
        cr_expect(!wrong || strstr(wrong, options[i].wrong), "%s: %s", options[i].text, wrong);
        if (wrong)
            continue;
        cr_expect(demand.is_given, "%s", options[i].text);
        cr_expect_eq(demand.level, options[i].demand.level, "%s", options[i].text);
        cr_expect_eq(demand.minor, options[i].demand.minor, "%s", options[i].text);
    }
}

/* Kubernetes' own fixtures: the folder says the verdict. */
Test(pod_security, corpus) {
    ARENA(arena);
    const char *root = getenv("IRONHULL_CORPUS");
    char *folder = str_c(&arena, str_printf(&arena, "%s/pod-security-baseline", root ? root : "../shared/corpus"));
    char *roots[] = {folder, NULL};
    uint32_t n = 0;
    FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    for (FTSENT *entry; fts && (entry = fts_read(fts));) {
        if (entry->fts_info != FTS_F)
            continue;
        struct diags diags = {.arena = &arena};
        struct str text;
        cr_assert(source_read(&arena, str_of(entry->fts_path), &text, &diags), "%s", entry->fts_path);
        enum pod_level level = verdict_of(&arena, text, NOW).level;
        cr_expect_eq(level >= POD_BASELINE, strstr(entry->fts_path, "/pass/") != NULL, "%s", entry->fts_path);
        n++;
    }
    if (fts)
        fts_close(fts);
    if (n == 0)
        cr_skip_test("no folder %s", folder);
}
