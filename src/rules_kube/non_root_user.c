/* non-root-user: pods and containers say that they are not root, and who they are. */
#include "rules_kube.h"

#include "pod.h"
#include "pod_check.h"

/* What a container is to say. */
enum said {
    SAID_NOTHING,
    SAID_IDS,        /* whose it is */
    SAID_USER,       /* somebody has written runAsUser: that it is not root */
    SAID_ON_CHANCE,  /* facts do not tell whether it starts without root */
    SAID_WITH_GROUP, /* the same of whether its volumes get its group */
};

struct identity {
    enum said said;
    bool has_ids;
    uint32_t uid, gid;
    struct str message; /* what is missing */
};

/* --- what a container says -----------------------------------------------------------------------------------------
 */

/* The ids that a program of a root's image may start with: those that are asked for, the image's, or free ones. */
static void add_likely_ids(const struct container *container, struct identity *identity) {
    const struct config_user *asked = &container->pod->check->document->config->user;
    const struct image *image = container->launch.workload.stage->image;
    bool is_images = !asked->uid && image && image->uid && !(image->unverified & (UNVERIFIED_USER | UNVERIFIED_ALL));
    identity->has_ids = true;
    config_ids(asked, &identity->uid, &identity->gid);
    if (is_images) {
        identity->uid = image->uid;
        identity->gid = image->gid;
    }
}

/* Of a program of which facts do not tell what it needs. */
static struct identity guess(const struct container *container) {
    struct arena *arena = container->pod->check->arena;
    const struct workload *workload = &container->launch.workload;
    struct identity identity = {.said = SAID_ON_CHANCE};
    if (container->pod->kind->has_own_ids) {
        identity.message = str_printf(arena, "%.*s: see whether it starts as the user that OpenShift gives it",
                                      STR_ARG(container->start.reason));
    } else if (workload->is_known && workload->user.kind == USER_ROOT) {
        add_likely_ids(container, &identity);
        identity.message = str_printf(arena, "%.*s; see whether it starts as %u:%u", STR_ARG(container->start.reason),
                                      identity.uid, identity.gid);
    } else {
        identity.message =
            str_printf(arena,
                       "%.*s; with runAsNonRoot alone it starts only if its image ends with the number of a user other "
                       "than root: see whether it does, or add runAsUser",
                       STR_ARG(container->start.reason));
    }
    return identity;
}

/* Of a program that could do without root if its volumes got its group, which their storage decides. */
static struct identity guess_by_group(const struct container *container) {
    struct arena *arena = container->pod->check->arena;
    const struct start *start = &container->start;
    return (struct identity){
        .said = SAID_WITH_GROUP,
        .has_ids = true,
        .uid = start->user.uid,
        .gid = start->user.gid,
        .message =
            str_printf(arena, "starts as root, because %.*s: the user %.*s can do it where its storage heeds fsGroup",
                       STR_ARG(start->reason), STR_ARG(start->user.text)),
    };
}

static bool has_own_user(const struct container *container) {
    return container->pod->kind->has_no_context || security_context_has(container->node, STR("runAsUser"));
}

/* Whether it says itself that it is not root. */
static bool says_it(const struct container *container) {
    return pod_is_true(yaml_get(security_context(container->node), STR("runAsNonRoot")));
}

/* Whether runAsNonRoot: true stands for it, by its own word or its pod's, and no platform chooses its user. */
static bool must_be_other(const struct container *container) {
    const struct yaml_node *node =
        security_context_has(container->node, STR("runAsNonRoot")) ? container->node : container->pod->spec;
    return !container->pod->kind->has_own_ids && pod_is_true(yaml_get(security_context(node), STR("runAsNonRoot")));
}

static struct identity identity_of(const struct container *container) {
    struct arena *arena = container->pod->check->arena;
    const struct start *start = &container->start;
    const struct launch *launch = &container->launch;
    struct identity none = {0}, identity = {.message = STR("nothing keeps it from running as root")};
    bool has_own_ids = container->pod->kind->has_own_ids; /* then runAsNonRoot alone would stand beside runAsUser: 0 */
    bool is_flipped = launch->is_root && start->kind == START_AS_USER && !has_own_ids; /* in spite of its image */
    if (start->kind == START_AS_ROOT && start->takes_group && !container->obstacle.p && !launch->user.n)
        return guess_by_group(container);
    if (container->obstacle.p || start->kind == START_AS_ROOT ||
        (!is_flipped && container_measures(container) == MEASURES_NONE))
        return none;
    bool is_its_user = start->kind == START_AS_USER && start->user.has_ids &&
                       !(says_it(container) && has_own_user(container)) &&
                       str_eq(launch->user, str_printf(arena, "%u", start->user.uid));
    if (launch->user.n && !launch->is_root && !is_its_user) {
        identity.said = SAID_USER;
        return identity;
    }
    if (start->kind == START_UNKNOWN)
        return guess(container);
    if (!start->user.has_ids)
        return none;
    if (must_be_other(container) && !launch->is_root)
        identity.message =
            str_printf(arena, "which %s runs it is left to its image", launch->user.n ? "group" : "user");
    identity = (struct identity){SAID_IDS, !has_own_ids, start->user.uid, start->user.gid, identity.message};
    if (start->says_user)
        identity.message = str_printf(arena, "starts as root, which it need not: it can be %.*s at once, because %.*s",
                                      STR_ARG(start->user.text), STR_ARG(start->why));
    return identity;
}

/* Whether nothing but its runAsUser: 0 makes it root's, which is reported where it stands. */
static bool is_written_root(const struct container *container) {
    const struct pod *pod = container->pod;
    const struct launch *launch = &container->launch;
    if (!launch->is_root || !container->obstacle.p || !str_eq(container->obstacle, launch->needs_root) ||
        pod_root_task(pod->spec, &pod->mounted, container->node, true))
        return false;
    for (uint32_t i = 0; i < pod->verdict.reasons.n; i++) {
        const struct pod_reason *reason = &pod->verdict.reasons.at[i];
        if (reason->check->remedy == REMEDY_USER &&
            (reason->subject == container->node || reason->subject == pod->spec))
            return true;
    }
    return false;
}

/* What is said of a container that does not get a user. */
static void say_why(const struct container *container) {
    struct check *check = container->pod->check;
    const struct start *start = &container->start;
    const struct launch *launch = &container->launch;
    if (written_is_taken_back(container) || is_written_root(container))
        return; /* the next pass looks at it, or written_values does */
    if (container->obstacle.p) {
        rule_found(check, container->at, "container %.*s keeps its user: %.*s", STR_ARG(container->name),
                   STR_ARG(container->obstacle));
    } else if (start->kind == START_AS_ROOT) {
        struct str instead = str_printf(check->arena, "runAsUser: %u, runAsGroup: %u and, for its volumes, fsGroup: %u",
                                        start->user.uid, start->user.gid, start->user.gid);
        rule_found(check, container->at, "container %.*s %.*s", STR_ARG(container->name),
                   STR_ARG(start_keeps_root(launch, start, instead)));
    } else if (start->kind == START_AS_USER && !start->user.has_ids && !launch->user.n) {
        rule_found(check, container->at,
                   "container %.*s: the ids of the user %.*s are not known, and Kubernetes can verify only numbers: "
                   "write USER with numbers, as in 1000:1000, in %.*s",
                   STR_ARG(container->name), STR_ARG(start->user.text), STR_ARG(launch->workload.dockerfile));
    }
}

/* Says that the kubelet refuses a container that is root's, and does not come to be somebody else's
 * (kubelet, pkg/kubelet/kuberuntime/security_context.go, verifyRunAsNonRoot). */
static void say_refused(const struct container *container) {
    const struct launch *launch = &container->launch;
    const struct workload *workload = &launch->workload;
    const struct image *image = workload->stage ? workload->stage->image : NULL;
    bool is_images = !launch->user.n && workload->is_known && workload->user.kind == USER_ROOT &&
                     !(image && image->unverified & UNVERIFIED_ALL);
    if (written_is_taken_back(container) || !must_be_other(container) || !(launch->is_root || is_images))
        return;
    rule_found(container->pod->check, container->at,
               "container %.*s cannot start: %s is root, which runAsNonRoot: true forbids: write another user's number "
               "as its runAsUser, or runAsNonRoot: false for it alone",
               STR_ARG(container->name), launch->is_root ? "its runAsUser" : "its image's user");
}

/* --- writing it ----------------------------------------------------------------------------------------------------
 */

/* The template with the ids filled in, without those that are not known or that somebody has written. A group that is
 * root's needs no fsGroup. */
static const struct yaml_value *wanted(struct arena *arena, const char *path, const struct yaml_node *node,
                                       const struct identity *identity) {
    static const struct str ids[] = {STR_INIT("runAsUser"), STR_INIT("runAsGroup"), STR_INIT("fsGroup")};
    struct template_variable list[] = {{"uid", str_printf(arena, "%u", identity->uid)},
                                       {"gid", str_printf(arena, "%u", identity->gid)}};
    const struct yaml_value *filled =
        template_fill_value(arena, template_value(path), (struct template_variables){list, 2});
    struct yaml_value *value = arena_array(arena, 2, sizeof *value),
                      *keys = arena_array(arena, filled->children[0].n, sizeof *keys);
    value[0] = (struct yaml_value){.kind = YAML_MAPPING, .children = &value[1], .n = 1};
    value[1] = filled->children[0];
    value[1].children = keys;
    value[1].n = 0;
    for (uint32_t i = 0; i < filled->children[0].n; i++) {
        struct yaml_value key = filled->children[0].children[i];
        bool is_given = security_context_has(node, key.key) && !str_eq(key.key, STR("runAsUser"));
        bool is_roots = str_eq(key.key, STR("fsGroup")) && identity->gid == 0;
        if (!STR_IS_IN(key.key, ids) || (identity->has_ids && !is_given && !is_roots))
            keys[value[1].n++] = key;
    }
    return value;
}

static void write_pod(struct pod *pod, const struct identity *identity, struct str message) {
    struct arena *arena = pod->check->arena;
    pod_want(pod, wanted(arena, "kubernetes/non-root-user/pod", pod->spec, identity), identity->said >= SAID_ON_CHANCE,
             identity->has_ids ? &pod->is_promised : NULL, str_c(arena, message));
}

static void write_container(struct container *container, const struct identity *identity) {
    struct arena *arena = container->pod->check->arena;
    container_want(container, wanted(arena, "kubernetes/non-root-user/container", container->node, identity),
                   identity->said >= SAID_ON_CHANCE, &container->is_promised, str_c(arena, identity->message));
}

static bool is_same(const struct identity *a, const struct identity *b) {
    return a->said == b->said && a->has_ids == b->has_ids && a->uid == b->uid && a->gid == b->gid;
}

/* Whether all containers of a pod are to say the same, so that the pod says it for them. */
static bool agree(const struct pod *pod, const struct identity *identities) {
    if (pod->kind->has_no_context)
        return false;
    for (uint32_t i = 0; i < pod->containers.n; i++) {
        const struct container *container = pod->containers.at[i];
        bool is_same_user = container->launch.is_root ? pod->check->document->config->unsafe_fixes == CONFIG_ON
                                                      : identities[i].said == SAID_IDS;
        if (identities[i].said == SAID_NOTHING || (has_own_user(container) && !is_same_user) ||
            !is_same(&identities[i], &identities[0]))
            return false;
    }
    return true;
}

/* Whether all containers of a pod say already that they are not root, where nothing more is known of them. */
static bool all_say_it(const struct pod *pod, const struct identity *identities) {
    for (uint32_t i = 0; i < pod->containers.n; i++)
        if (identities[i].said != SAID_ON_CHANCE || identities[i].has_ids || !says_it(pod->containers.at[i]))
            return false;
    return true;
}

static void write_each(struct pod *pod, const struct identity *identities) {
    bool pod_says = false;
    for (uint32_t i = 0; i < pod->containers.n; i++) {
        struct container *container = pod->containers.at[i];
        bool is_pods = container->launch.user.n && !container->launch.is_root && !has_own_user(container);
        if (is_pods && (identities[i].said == SAID_USER || identities[i].said == SAID_IDS))
            pod_says = true;
        else if (identities[i].said != SAID_NOTHING)
            write_container(container, &identities[i]);
    }
    if (pod_says)
        write_pod(pod, &(struct identity){.said = SAID_USER}, STR("nothing keeps the pod from running as root"));
}

/* --- ports ---------------------------------------------------------------------------------------------------------
 */

static void open_ports(const struct pod *pod, const struct identity *identities) {
    bool is_known = false, is_guess = false;
    for (uint32_t i = 0; i < pod->containers.n; i++) {
        bool is_low = container_has_low_port(pod->containers.at[i]);
        is_known |= is_low && (identities[i].said == SAID_IDS || identities[i].said == SAID_USER);
        is_guess |= is_low && identities[i].said >= SAID_ON_CHANCE;
    }
    if ((is_known || is_guess) && pod->kind->has_no_context)
        rule_found(pod->check, pod->at,
                   "a user without privileges may listen on a port below 1024 only with a sysctl, which a %.*s cannot "
                   "ask for: use a higher one",
                   STR_ARG(pod->kind->kind));
    else if ((is_known || is_guess) && !pod_port_start(pod->spec).p)
        pod_want(pod, template_value("kubernetes/non-root-user/low-port"), !is_known, NULL,
                 "a user without privileges may listen on a port below 1024 only with this sysctl");
}

/* --- all of it -----------------------------------------------------------------------------------------------------
 */

static void user_of_pod(struct pod *pod) {
    struct arena *arena = pod->check->arena;
    struct identity *identities = arena_array(arena, pod->containers.n, sizeof *identities);
    bool is_on_host = pod_is_true(yaml_get(pod->spec, STR("hostNetwork")));
    for (uint32_t i = 0; i < pod->containers.n; i++)
        pod->is_waiting |= written_is_taken_back(pod->containers.at[i]);
    for (uint32_t i = 0; i < pod->containers.n; i++) {
        const struct container *container = pod->containers.at[i];
        identities[i] = identity_of(container);
        if (identities[i].said == SAID_NOTHING) {
            say_why(container);
        } else if (is_on_host && container_has_low_port(container)) {
            rule_found(pod->check, container->at,
                       "container %.*s: on the host's network a user without privileges cannot listen on a port below "
                       "1024: use a higher one",
                       STR_ARG(container->name));
            identities[i].said = SAID_NOTHING;
        }
    }
    bool is_agreed = pod->containers.n && agree(pod, identities);
    for (uint32_t i = 0; i < pod->containers.n && !is_agreed; i++)
        if (identities[i].said == SAID_WITH_GROUP) { /* only a pod has an fsGroup */
            say_why(pod->containers.at[i]);
            identities[i].said = SAID_NOTHING;
        }
    for (uint32_t i = 0; i < pod->containers.n; i++) {
        bool is_mended = identities[i].said >= SAID_ON_CHANCE ? pod->check->document->config->unsafe_fixes == CONFIG_ON
                                                              : identities[i].said != SAID_NOTHING;
        if (!is_mended)
            say_refused(pod->containers.at[i]);
    }
    if (!is_agreed) {
        write_each(pod, identities);
    } else if (!all_say_it(pod, identities)) {
        const struct container *first = pod->containers.at[0];
        bool is_told = identities[0].said >= SAID_ON_CHANCE ||
                       (identities[0].said == SAID_IDS && (first->start.says_user || must_be_other(first)));
        write_pod(pod, &identities[0],
                  is_told ? identities[0].message : STR("nothing keeps the pod from running as root"));
    }
    if (!is_on_host)
        open_ports(pod, identities);
    pod->is_waiting = false;
}

void kube_non_root_user(struct check *check) {
    left_report(check);
    pod_each(check, user_of_pod);
    written_values(check);
}
