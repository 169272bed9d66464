/* drop-capabilities, no-new-privileges and seccomp-profile: one key of a securityContext each. */
#include "rules_kube.h"

static void capabilities_of(const struct container *container) {
    if (container_is_ready(container))
        container_want(container, "kubernetes/drop-capabilities/container", NO_VARIABLES,
                       "keeps capabilities that a program without root never uses");
}

void kube_drop_capabilities(struct check *check) {
    container_each(check, capabilities_of);
}

static void privileges_of(const struct container *container) {
    if (container_is_ready(container))
        container_want(container, "kubernetes/no-new-privileges/container", NO_VARIABLES,
                       "setuid programs could still give it privileges");
}

void kube_no_new_privileges(struct check *check) {
    container_each(check, privileges_of);
}

static void seccomp_of_pod(const struct pod *pod) {
    bool is_ready = pod->containers.n > 0;
    for (uint32_t i = 0; i < pod->containers.n; i++)
        is_ready &= !pod->containers.at[i].obstacle.p;
    struct str type = yaml_text(yaml_get(yaml_get(security_context(pod->spec), STR("seccompProfile")), STR("type")));
    if (type.n && !str_eq(type, STR("Unconfined")))
        return; /* RuntimeDefault, or a profile of their own */
    if (is_ready)
        pod_want(pod, "kubernetes/seccomp-profile/pod", NO_VARIABLES, "its system calls are not filtered");
}

void kube_seccomp_profile(struct check *check) {
    pod_each(check, seccomp_of_pod);
}
