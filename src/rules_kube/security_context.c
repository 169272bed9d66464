/* drop-capabilities, no-new-privileges and seccomp-profile: one key of a securityContext each. */
#include "rules_kube.h"

static const struct template_variables none = {NULL, 0};

static void capabilities_of(void *context, const struct container *container) {
    (void)context;
    if (container_is_ready(container))
        container_want(container, "kubernetes/drop-capabilities/container", none,
                       "keeps capabilities that a program without root never uses");
}

static void capabilities_of_pod(const struct pod *pod) {
    pod_each_container(pod, capabilities_of, NULL);
}

void kube_drop_capabilities(struct check *check) {
    pod_each(check, capabilities_of_pod);
}

static void privileges_of(void *context, const struct container *container) {
    (void)context;
    if (container_is_ready(container))
        container_want(container, "kubernetes/no-new-privileges/container", none,
                       "setuid programs could still give it privileges");
}

static void privileges_of_pod(const struct pod *pod) {
    pod_each_container(pod, privileges_of, NULL);
}

void kube_no_new_privileges(struct check *check) {
    pod_each(check, privileges_of_pod);
}

struct count {
    uint32_t containers, obstacles;
};

static void count(void *context, const struct container *container) {
    struct count *counted = context;
    counted->containers++;
    counted->obstacles += container->obstacle.p != NULL;
}

static void seccomp_of_pod(const struct pod *pod) {
    struct count counted = {0, 0};
    pod_each_container(pod, count, &counted);
    struct str type = yaml_text(yaml_get(yaml_get(security_context(pod->spec), STR("seccompProfile")), STR("type")));
    if (type.n && !str_eq(type, STR("Unconfined")))
        return; /* RuntimeDefault, or a profile of their own */
    if (counted.containers && counted.obstacles == 0)
        pod_want(pod, "kubernetes/seccomp-profile/pod", none, "its system calls are not filtered");
}

void kube_seccomp_profile(struct check *check) {
    pod_each(check, seccomp_of_pod);
}
