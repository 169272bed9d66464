/* seccomp-profile: the pod's system calls are filtered. */
#include "rules_kube.h"

/* RuntimeDefault is what container engines give by default outside of Kubernetes: any image runs under it. */
static void seccomp_of_pod(const struct pod *pod) {
    bool is_ready = pod->containers.n > 0;
    for (uint32_t i = 0; i < pod->containers.n; i++)
        is_ready &= !container_is_privileged(pod->containers.at[i]);
    struct str type = yaml_text(yaml_get(yaml_get(security_context(pod->spec), STR("seccompProfile")), STR("type")));
    if (type.n && !str_eq(type, STR("Unconfined")))
        return; /* RuntimeDefault, or a profile of their own */
    if (is_ready)
        pod_want(pod, template_value("kubernetes/seccomp-profile/pod"), false, "its system calls are not filtered");
}

void kube_seccomp_profile(struct check *check) {
    pod_each(check, seccomp_of_pod);
}
