#include "pod_check.h"

#include "pod.h"

/* --- values --------------------------------------------------------------------------------------------------------
 */

static bool is_not_true(const struct yaml_node *value) {
    return !pod_is_true(value);
}

static bool is_no_port(const struct yaml_node *value) {
    return !value || pod_is_zero(value);
}

static bool is_no_root(const struct yaml_node *value) {
    return !pod_is_zero(value);
}

static bool is_there(const struct yaml_node *value) {
    return value != NULL;
}

static bool is_not_there(const struct yaml_node *value) {
    return value == NULL;
}

static bool is_empty(const struct yaml_node *value) {
    return !value || (value->kind == YAML_SCALAR && value->value.n == 0);
}

static bool is_default(const struct yaml_node *value) {
    return !value || str_eq(yaml_text(value), STR("Default"));
}

static bool is_profile(const struct yaml_node *value) {
    return str_eq(yaml_text(value), STR("RuntimeDefault")) || str_eq(yaml_text(value), STR("Localhost"));
}

static bool is_annotated_apparmor(const struct yaml_node *value) {
    struct str text = yaml_text(value);
    return is_empty(value) || str_eq(text, STR("runtime/default")) || str_starts(text, STR("localhost/"));
}

static bool is_annotated_seccomp(const struct yaml_node *value) {
    struct str text = yaml_text(value);
    return !value || str_eq(text, STR("runtime/default")) || str_eq(text, STR("docker/default")) ||
           str_starts(text, STR("localhost/"));
}

bool pod_is_default_capability(const struct yaml_node *value) {
    static const struct str names[] = {
        STR_INIT("AUDIT_WRITE"), STR_INIT("CHOWN"),  STR_INIT("DAC_OVERRIDE"), STR_INIT("FOWNER"),
        STR_INIT("FSETID"),      STR_INIT("KILL"),   STR_INIT("MKNOD"),        STR_INIT("NET_BIND_SERVICE"),
        STR_INIT("SETFCAP"),     STR_INIT("SETGID"), STR_INIT("SETPCAP"),      STR_INIT("SETUID"),
        STR_INIT("SYS_CHROOT"),
    };
    return !value || STR_IS_IN(yaml_text(value), names);
}

/* Those that baseline forbids are for that check to report. */
static bool is_restricted_capability(const struct yaml_node *value) {
    return !pod_is_default_capability(value) || str_eq(yaml_text(value), STR("NET_BIND_SERVICE"));
}

static bool has_all(const struct yaml_node *value) {
    for (uint32_t i = 0; value && value->kind == YAML_SEQUENCE && i < value->n; i++)
        if (str_eq(yaml_text(yaml_resolve(value->items[i])), STR("ALL")))
            return true;
    return false;
}

static bool is_selinux_type(const struct yaml_node *value) {
    static const struct str types[] = {STR_INIT("container_t"), STR_INIT("container_init_t"),
                                       STR_INIT("container_kvm_t")};
    return is_empty(value) || STR_IS_IN(yaml_text(value), types);
}

static bool is_selinux_type_31(const struct yaml_node *value) {
    return is_selinux_type(value) || str_eq(yaml_text(value), STR("container_engine_t"));
}

/* Of the sysctls that are safe, in the order in which they became so, the first n. */
static bool is_sysctl(const struct yaml_node *value, uint32_t n) {
    static const struct str names[] = {
        STR_INIT("kernel.shm_rmid_forced"),
        STR_INIT("net.ipv4.ip_local_port_range"),
        STR_INIT("net.ipv4.tcp_syncookies"),
        STR_INIT("net.ipv4.ping_group_range"),
        STR_INIT("net.ipv4.ip_unprivileged_port_start"),
        STR_INIT("net.ipv4.ip_local_reserved_ports"),
        STR_INIT("net.ipv4.tcp_keepalive_time"),
        STR_INIT("net.ipv4.tcp_fin_timeout"),
        STR_INIT("net.ipv4.tcp_keepalive_intvl"),
        STR_INIT("net.ipv4.tcp_keepalive_probes"),
        STR_INIT("net.ipv4.tcp_rmem"),
        STR_INIT("net.ipv4.tcp_wmem"),
        STR_INIT("net.ipv4.tcp_slow_start_after_idle"),
        STR_INIT("net.ipv4.tcp_notsent_lowat"),
    };
    return str_is_in(yaml_text(value), names, n);
}

static bool is_sysctl_0(const struct yaml_node *value) {
    return is_sysctl(value, 5);
}
static bool is_sysctl_27(const struct yaml_node *value) {
    return is_sysctl(value, 6);
}
static bool is_sysctl_29(const struct yaml_node *value) {
    return is_sysctl(value, 10);
}
static bool is_sysctl_32(const struct yaml_node *value) {
    return is_sysctl(value, 12);
}
static bool is_sysctl_37(const struct yaml_node *value) {
    return is_sysctl(value, 14);
}

/* --- the table -----------------------------------------------------------------------------------------------------
 */

#define CONTEXT "securityContext "
#define ALL (OF_POD | OF_CONTAINERS)
#define HOST "remove it, and the pod's own address is asked"
#define ASKS "sends the kubelet's requests to another address than the pod's, as seen from the node"
#define PROFILE "write RuntimeDefault, or Localhost with a profile that the nodes have"
#define SECCOMP "filters none of its system calls"
#define ANNOTATED "asks, in the way of Kubernetes before 1.27, for no filter of system calls"
#define SYSCTL "remove it: only those that Kubernetes calls safe are allowed"
#define KERNEL "is refused by nodes that do not allow it, and may change what other pods on them get"
#define TYPES "remove it, or write container_t, container_init_t or container_kvm_t"
#define SELINUX "is not what keeps containers from the node's files and from each other"
#define NOT_PODS "is no field of a pod's securityContext, where it is refused or dropped"
#define FOR_EACH "write it for each container"
#define UNMASKED "shows it parts of /proc that container engines hide"

const struct pod_check pod_checks[] = {
    {"hostNamespaces", POD_BASELINE, 0, 0, OF_POD, "hostNetwork", is_not_true,
     "remove it, and reach the pod through a Service", .rule = "host-access",
     .gives = "lets it reach what listens on its node's own addresses, 127.0.0.1 included, and listen there itself"},
    {"hostNamespaces", POD_BASELINE, 0, 0, OF_POD, "hostPID", is_not_true,
     "remove it; with shareProcessNamespace it sees those of its own pod", .rule = "host-access",
     .gives = "shows it every process of its node, with its arguments, and lets root signal them"},
    {"hostNamespaces", POD_BASELINE, 0, 0, OF_POD, "hostIPC", is_not_true,
     "remove it: the containers of one pod share theirs anyway", .rule = "host-access",
     .gives = "gives it the memory that programs of its node share among themselves"},
    {"privileged", POD_BASELINE, 0, 0, OF_CONTAINERS, CONTEXT "privileged", is_not_true,
     "write false, and add only the capabilities that its program then lacks", .rule = "no-new-privileges",
     .gives = "lets whoever breaks in write to its node's disks and change its kernel", .remedy = REMEDY_WRITE,
     .write = "false"},
    {"capabilities_baseline", POD_BASELINE, 0, 0, OF_CONTAINERS, CONTEXT "capabilities add *",
     pod_is_default_capability,
     "remove it, or write one of those that container engines give by default, in capitals and without CAP_",
     .rule = "drop-capabilities", .remedy = REMEDY_REMOVE_ITEM},
    {"hostPathVolumes", POD_BASELINE, 0, 0, OF_POD, "volumes * hostPath", is_not_there,
     "use a persistentVolumeClaim, a configMap or an emptyDir", .rule = "host-access"},
    {"hostPorts", POD_BASELINE, 0, 0, OF_CONTAINERS, "ports * hostPort", is_no_port,
     "remove it, and reach the pod through a Service", .rule = "host-access",
     .gives = "is taken on every node that runs it, and opens there past the cluster's network policies"},
    {"hostProbesAndHostLifecycle", POD_BASELINE, 34, 0, OF_CONTAINERS,
     "livenessProbe|readinessProbe|startupProbe httpGet|tcpSocket host", is_empty, HOST, .rule = "host-access",
     .gives = ASKS},
    {"hostProbesAndHostLifecycle", POD_BASELINE, 34, 0, OF_CONTAINERS,
     "lifecycle postStart|preStop httpGet|tcpSocket host", is_empty, HOST, .rule = "host-access", .gives = ASKS},
    {"procMount", POD_BASELINE, 0, 0, OF_CONTAINERS | NOT_OWN_USERS, CONTEXT "procMount", is_default, "remove it",
     .rule = "host-access", .gives = UNMASKED, .remedy = REMEDY_REMOVE, .write = "Default"},
    {"procMount_restricted", POD_RESTRICTED, 35, 0, OF_CONTAINERS | ONLY_OWN_USERS, CONTEXT "procMount", is_default,
     "remove it", .rule = "host-access", .gives = UNMASKED, .remedy = REMEDY_REMOVE, .write = "Default"},
    /* removed: nodes without AppArmor refuse pods that ask for a profile, RuntimeDefault too */
    {"appArmorProfile", POD_BASELINE, 0, 0, ALL, CONTEXT "appArmorProfile type", is_profile,
     "remove it, or write RuntimeDefault, or Localhost with a profile that the nodes have", .rule = "host-access",
     .gives = "takes AppArmor's rules off it", .remedy = REMEDY_REMOVE_HOLDER},
    {"appArmorProfile", POD_BASELINE, 0, 0, OF_METADATA, "annotations container.apparmor.security.beta.kubernetes.io/*",
     is_annotated_apparmor, "remove it, or write runtime/default", .rule = "host-access",
     .gives = "takes AppArmor's rules off it", .remedy = REMEDY_REMOVE},
    {"seLinuxOptions", POD_BASELINE, 0, 31, ALL, CONTEXT "seLinuxOptions type", is_selinux_type, TYPES,
     .rule = "host-access", .gives = SELINUX, .remedy = REMEDY_REMOVE},
    {"seLinuxOptions", POD_BASELINE, 31, 0, ALL, CONTEXT "seLinuxOptions type", is_selinux_type_31, TYPES,
     .rule = "host-access", .gives = SELINUX, .remedy = REMEDY_REMOVE},
    {"seLinuxOptions", POD_BASELINE, 0, 0, ALL, CONTEXT "seLinuxOptions user|role", is_empty, "remove it",
     .rule = "host-access", .gives = SELINUX, .remedy = REMEDY_REMOVE},
    {"seccompProfile_baseline", POD_BASELINE, 0, 19, OF_METADATA,
     "annotations seccomp.security.alpha.kubernetes.io/pod", is_annotated_seccomp, "write runtime/default",
     .rule = "seccomp-profile", .gives = ANNOTATED, .remedy = REMEDY_WRITE, .write = "runtime/default"},
    {"seccompProfile_baseline", POD_BASELINE, 0, 19, OF_METADATA,
     "annotations container.seccomp.security.alpha.kubernetes.io/*", is_annotated_seccomp, "write runtime/default",
     .rule = "seccomp-profile", .gives = ANNOTATED, .remedy = REMEDY_WRITE, .write = "runtime/default"},
    {"seccomp annotation", POD_PRIVILEGED, 19, 0, OF_METADATA, "annotations seccomp.security.alpha.kubernetes.io/pod",
     is_annotated_seccomp, "write runtime/default", .rule = "seccomp-profile", .gives = ANNOTATED,
     .remedy = REMEDY_WRITE, .write = "runtime/default"},
    {"seccomp annotation", POD_PRIVILEGED, 19, 0, OF_METADATA,
     "annotations container.seccomp.security.alpha.kubernetes.io/*", is_annotated_seccomp, "write runtime/default",
     .rule = "seccomp-profile", .gives = ANNOTATED, .remedy = REMEDY_WRITE, .write = "runtime/default"},
    {"seccompProfile_baseline", POD_BASELINE, 19, 0, ALL, CONTEXT "seccompProfile type", is_profile, PROFILE,
     .rule = "seccomp-profile", .gives = SECCOMP, .remedy = REMEDY_WRITE, .write = "RuntimeDefault"},
    {"sysctls", POD_BASELINE, 0, 27, OF_POD, CONTEXT "sysctls * name", is_sysctl_0, SYSCTL, .rule = "host-access",
     .gives = KERNEL},
    {"sysctls", POD_BASELINE, 27, 29, OF_POD, CONTEXT "sysctls * name", is_sysctl_27, SYSCTL, .rule = "host-access",
     .gives = KERNEL},
    {"sysctls", POD_BASELINE, 29, 32, OF_POD, CONTEXT "sysctls * name", is_sysctl_29, SYSCTL, .rule = "host-access",
     .gives = KERNEL},
    {"sysctls", POD_BASELINE, 32, 37, OF_POD, CONTEXT "sysctls * name", is_sysctl_32, SYSCTL, .rule = "host-access",
     .gives = KERNEL},
    {"sysctls", POD_BASELINE, 37, 0, OF_POD, CONTEXT "sysctls * name", is_sysctl_37, SYSCTL, .rule = "host-access",
     .gives = KERNEL},
    {"windowsHostProcess", POD_BASELINE, 0, 0, ALL, CONTEXT "windowsOptions hostProcess", is_not_true,
     "remove it, and hostNetwork with it", .rule = "host-access", .gives = "runs it as a program of its Windows node"},
    /* a volume of no kind becomes an emptyDir; hostPath is for baseline's check to report */
    {"restrictedVolumes", POD_RESTRICTED, 0, 0, OF_POD,
     "volumes * !name|configMap|csi|downwardAPI|emptyDir|ephemeral|image|persistentVolumeClaim|projected|secret|"
     "hostPath",
     is_not_there, "put it behind a persistentVolumeClaim", .rule = "host-access",
     .gives = "is storage that the pod itself names, past what the cluster's administrators hand out"},
    {"allowPrivilegeEscalation", POD_RESTRICTED, 8, 0, OF_CONTAINERS | NEEDED | NOT_WINDOWS,
     CONTEXT "allowPrivilegeEscalation", pod_is_false, "write false", .rule = "no-new-privileges",
     .gives = "lets setuid programs give it privileges", .remedy = REMEDY_WRITE, .write = "false"},
    {"runAsNonRoot", POD_RESTRICTED, 0, 0, ALL | NEEDED | UNLESS_POD_DOES | NOT_OWN_USERS, CONTEXT "runAsNonRoot",
     pod_is_true, "write true, for the pod or the container", .rule = "non-root-user", .gives = "lets it run as root",
     .remedy = REMEDY_WRITE, .write = "true"},
    {"runAsUser", POD_RESTRICTED, 23, 0, ALL | NOT_OWN_USERS, CONTEXT "runAsUser", is_no_root,
     "write another user's number, or remove it where the image has a user", .rule = "non-root-user",
     .gives = "runs it as root", .remedy = REMEDY_USER},
    {"seccompProfile_restricted", POD_RESTRICTED, 19, 0, ALL | NEEDED | UNLESS_POD_DOES | NOT_WINDOWS,
     CONTEXT "seccompProfile", is_there, "write type: RuntimeDefault, for the pod or the container", .rule = NULL},
    {"capabilities_restricted", POD_RESTRICTED, 22, 0, OF_CONTAINERS | NEEDED | NOT_WINDOWS,
     CONTEXT "capabilities drop", has_all, "write [ALL]", .rule = "drop-capabilities", .remedy = REMEDY_SPELL},
    {"capabilities_restricted", POD_RESTRICTED, 22, 0, OF_CONTAINERS | NOT_WINDOWS, CONTEXT "capabilities add *",
     is_restricted_capability, "remove it: only NET_BIND_SERVICE may be added", .rule = "drop-capabilities",
     .remedy = REMEDY_REMOVE_ITEM},
    /* kubectl refuses fields that the API does not have, and what else applies the manifest drops them
     * (kubernetes.io/docs/reference/using-api/api-concepts, "Field validation") */
    {"misplaced", POD_PRIVILEGED, 0, 0, OF_POD, CONTEXT "readOnlyRootFilesystem", is_not_there, FOR_EACH,
     .rule = "read-only-root", .gives = NOT_PODS},
    {"misplaced", POD_PRIVILEGED, 0, 0, OF_POD, CONTEXT "capabilities", is_not_there, FOR_EACH,
     .rule = "drop-capabilities", .gives = NOT_PODS},
    {"misplaced", POD_PRIVILEGED, 0, 0, OF_POD, CONTEXT "allowPrivilegeEscalation|privileged", is_not_there, FOR_EACH,
     .rule = "no-new-privileges", .gives = NOT_PODS},
    {"misplaced", POD_PRIVILEGED, 0, 0, OF_CONTAINERS, CONTEXT "fsGroup|fsGroupChangePolicy|supplementalGroups|sysctls",
     is_not_there, "write it for the pod", .rule = "non-root-user",
     .gives = "is no field of a container's securityContext, where it is refused or dropped"},
};

const uint32_t pod_checks_n = sizeof pod_checks / sizeof *pod_checks;
