/* What can be proven of a compose service that runs. */
#include "emit_parts.h"

#include "template.h"

/* By number (linux/capability.h). */
static const struct str capabilities =
    STR_INIT("CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE "
             "NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT "
             "SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE "
             "AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ "
             "PERFMON BPF CHECKPOINT_RESTORE");

/* Its bit in /proc/PID/status; 0 where there is none of that name. */
static uint64_t capability_bit(struct str name) {
    struct str rest = capabilities, known;
    for (uint32_t i = 0; str_cut(&rest, ' ', &known); i++)
        if (str_eq(name, known))
            return (uint64_t)1 << i;
    return 0;
}

static void set_capabilities(struct maker *maker, struct run_facts *facts) {
    struct arena *arena = maker->arena;
    struct merged_items drop = merged_list(arena, maker->merged, STR("cap_drop"));
    struct merged_items add = merged_list(arena, maker->merged, STR("cap_add"));
    for (uint32_t i = 0; i < drop.n; i++)
        facts->has_capabilities |= str_eq(capability_name(arena, yaml_text(drop.list[i])), STR("ALL"));
    for (uint32_t i = 0; i < add.n; i++) {
        uint64_t bit = capability_bit(capability_name(arena, yaml_text(add.list[i])));
        facts->capabilities |= bit;
        facts->has_capabilities &= bit != 0;
    }
}

/* As whom process 1 runs, where that does not depend on its start. */
static void set_user(struct maker *maker, struct run_facts *facts, const struct workload *workload) {
    struct str user = yaml_text(merged_get(maker->merged, STR("user"))), uid, gid, rest = user;
    uint32_t number;
    if (!user.p && workload->is_known && workload->user.has_ids && workload->user.uid) {
        facts->uid = str_printf(maker->arena, "%u", workload->user.uid);
        facts->gid = str_printf(maker->arena, "%u", workload->user.gid);
    }
    if (!str_cut(&rest, ':', &uid) || !str_number(uid, UINT32_MAX, &number) || number == 0)
        return;
    facts->uid = uid;
    if (str_cut(&rest, ':', &gid) && str_number(gid, UINT32_MAX, &number))
        facts->gid = gid;
}

static void add_writable(struct maker *maker, struct run_facts *facts, struct str path) {
    struct buf word = {.arena = maker->arena};
    if (path.n && path.p[0] == '/' && shell_word(&word, path, false))
        *vec_push(maker->arena, &facts->writable) = buf_str(&word);
}

/* What process 1 is called where it is an init: the engine's, or what the image starts with. */
static struct str init_of(struct maker *maker, const struct workload *workload) {
    static const struct str known[] = {STR_INIT("catatonit"), STR_INIT("docker-init"), STR_INIT("dumb-init"),
                                       STR_INIT("tini"), STR_INIT("tini-static")};
    if (merged_is_true(maker->arena, maker->merged, STR("init")))
        return STR("docker-init podman-init catatonit tini init");
    struct command entrypoint = {0};
    if (workload->is_known && !merged_get(maker->merged, STR("entrypoint")))
        entrypoint = stage_entrypoint(maker->arena, workload->stage);
    bool is_word = entrypoint.is_known && !entrypoint.is_shell && entrypoint.n;
    struct str name = is_word ? path_name(entrypoint.words[0]) : STR("");
    return STR_IS_IN(name, known) ? name : STR("");
}

static void add_port(struct maker *maker, struct run_facts *facts, uint32_t port) {
    struct str text = str_printf(maker->arena, "%u", port);
    if (port && port <= 65535)
        texts_add(&facts->ports, maker->arena, text);
}

/* What its file publishes, what its Dockerfile exposes, what is known of its image. */
static void set_ports(struct maker *maker, struct run_facts *facts, const struct workload *workload) {
    struct merged_items published = merged_list(maker->arena, maker->merged, STR("ports"));
    const struct image *image = workload->stage ? workload->stage->image : NULL;
    uint32_t port;
    for (uint32_t i = 0; i < published.n; i++)
        add_port(maker, facts, compose_port(maker->arena, NULL, published.list[i]).target);
    for (uint32_t i = 0; i < workload->ports.n; i++)
        if (str_number(workload->ports.list[i], 65535, &port))
            add_port(maker, facts, port);
    for (uint32_t i = 0; image && facts->ports.list.n == 0 && i < image->n_ports; i++)
        add_port(maker, facts, image->ports[i]);
}

void maker_facts(struct maker *maker, const struct workload *workload) {
    struct run_facts *facts = &maker->run->facts;
    struct arena *arena = maker->arena;
    struct merged_items options = merged_list(arena, maker->merged, STR("security_opt"));
    set_user(maker, facts, workload);
    bool is_privileged = merged_is_true(arena, maker->merged, STR("privileged"));
    facts->has_filter = !is_privileged;
    if (!is_privileged)
        set_capabilities(maker, facts);
    facts->is_read_only = merged_is_true(arena, maker->merged, STR("read_only"));
    for (uint32_t i = 0; i < options.n; i++) {
        struct compose_option option = compose_security_option(arena, NULL, options.list[i]);
        facts->gains_nothing |= str_eq(option.key, STR("no-new-privileges")) && !str_eq(option.value, STR("false"));
        facts->has_filter &= !str_eq(option.key, STR("seccomp")) || !str_eq(option.value, STR("unconfined"));
    }
    facts->init = init_of(maker, workload);
    struct merged_mounts mounts = merged_mounts(arena, maker->merged);
    for (uint32_t i = 0; i < mounts.n; i++) {
        const struct merged_mount *mount = &mounts.list[i];
        bool is_ours = mount->kind == MOUNT_TMPFS || (mount->kind == MOUNT_VOLUME && mount->is_filled);
        if (is_ours && !mount->is_read_only && (mount->kind == MOUNT_TMPFS || facts->uid.n))
            add_writable(maker, facts, mount->target);
    }
    set_ports(maker, facts, workload);
}
