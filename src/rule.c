#include "rule.h"

#include "guess.h"

const struct rule rules[] = {
    {STR_INIT("builder-stage"),
     "install dependencies in a stage of their own",
     "Package managers, their caches and credentials, and everything only the build needs, are not in the image that "
     "runs.",
     {[FORMAT_DOCKERFILE] = builder_stage_dockerfile, [FORMAT_DOCKERIGNORE] = builder_stage_dockerignore}},
    {STR_INIT("non-root-user"),
     "run as a user without privileges",
     "A flaw in the program does not give root in the container, nor on the host when something else fails too.",
     {[FORMAT_DOCKERFILE] = non_root_user_dockerfile,
      [FORMAT_COMPOSE] = compose_non_root_user,
      [FORMAT_KUBE] = kube_non_root_user}},
    {STR_INIT("init-process"),
     "start the program under tini",
     "Signals reach the program, so that it stops at once and cleanly, and orphaned processes are reaped.",
     {[FORMAT_DOCKERFILE] = init_process_dockerfile}},
    {STR_INIT("drop-capabilities"),
     "drop all capabilities",
     "The kernel refuses what only privileged programs may do: raw sockets, device nodes, changing owners.",
     {[FORMAT_COMPOSE] = compose_drop_capabilities, [FORMAT_KUBE] = kube_drop_capabilities}},
    {STR_INIT("read-only-root"),
     "mount the root file system read-only",
     "An attacker cannot change the program or leave tools behind; only the listed mounts can be written.",
     {[FORMAT_COMPOSE] = compose_read_only_root, [FORMAT_KUBE] = kube_read_only_root}},
    {STR_INIT("no-new-privileges"),
     "forbid gaining privileges",
     "A setuid program or one with file capabilities gives nothing to whoever starts it.",
     {[FORMAT_COMPOSE] = compose_no_new_privileges, [FORMAT_KUBE] = kube_no_new_privileges}},
    {STR_INIT("seccomp-profile"),
     "filter system calls",
     "Kernel interfaces that the program never uses cannot be attacked from it.",
     {[FORMAT_COMPOSE] = compose_seccomp_profile,
      [FORMAT_SECCOMP] = seccomp_file,
      [FORMAT_KUBE] = kube_seccomp_profile}},
    {STR_INIT("host-access"),
     "keep services and pods away from the host",
     "Whoever breaks into a container does not get the host with it, nor what else runs there.",
     {[FORMAT_COMPOSE] = compose_host_access, [FORMAT_KUBE] = kube_host_access}},
    {STR_INIT("pod-security"),
     "say which level each pod meets, and what keeps it from that of --pod-security",
     "A cluster that enforces the level takes the pod, and the pod does not reach its node.",
     {[FORMAT_KUBE] = kube_pod_security}},
    /* last: it silences findings of the others */
    {STR_INIT("suppression"),
     "heed comments that silence rules",
     "What is left open is left open on purpose, with a reason that others can read, and no longer than needed.",
     {[FORMAT_DOCKERFILE] = suppression_check,
      [FORMAT_DOCKERIGNORE] = suppression_check,
      [FORMAT_COMPOSE] = suppression_check,
      [FORMAT_KUBE] = suppression_check}},
};

const uint32_t rules_n = sizeof rules / sizeof *rules;

const struct rule *rule_find(struct str id) {
    for (uint32_t i = 0; i < rules_n; i++)
        if (str_eq(rules[i].id, id))
            return &rules[i];
    return NULL;
}

bool rule_is_on(const struct rule *rule, const struct config *config) {
    for (uint32_t i = 0; i < config->rules.n; i++)
        if (str_eq(config->rules.list[i].id, rule->id))
            return config->rules.list[i].is_on;
    return true;
}

enum safety rule_least(const struct config *config) {
    return config->unsafe_fixes == CONFIG_ON ? SAFETY_UNSAFE : SAFETY_SAFE;
}

void rules_check(struct configs *configs, struct diags *diags) {
    for (uint32_t i = 0; i < configs->files.n; i++) {
        struct config *config = configs->files.at[i];
        for (uint32_t j = 0; j < config->named.n; j++) {
            struct guess guess = {.word = config->named.list[j].id, .offers = {.arena = diags->arena}};
            if (rule_find(guess.word))
                continue;
            for (uint32_t k = 0; k < rules_n; k++)
                guess_offer(&guess, rules[k].id);
            diag_at(diags, &config->source, config->named.list[j].at, "unknown rule %.*s: %.*s", STR_ARG(guess.word),
                    STR_ARG(guess_text(&guess)));
            configs->is_broken = true;
        }
    }
}

struct finding *rule_found(struct check *check, uint32_t at, const char *format, ...) {
    struct finding *finding = vec_push(check->arena, &check->findings);
    finding->rule = check->rule;
    finding->at = at;
    finding->subject = check->subject;
    va_list args;
    va_start(args, format);
    finding->message = str_vprintf(check->arena, format, args);
    va_end(args);
    finding->edits.arena = check->arena;
    return finding;
}

struct edits *rule_fix(struct finding *finding, enum safety safety) {
    finding->safety = safety;
    return &finding->edits;
}

/* `lines` with the file's line ending; the last one's only where `is_ended`. */
static struct str with_endings(const struct check *check, struct str lines, bool is_ended) {
    struct str eol = check->document->source.eol, rest = lines, line;
    struct buf out = {.arena = check->arena};
    if (str_ends(rest, STR("\n")))
        rest.n--;
    for (bool is_first = true; str_cut(&rest, '\n', &line); is_first = false) {
        if (!is_first)
            buf_add(&out, eol);
        buf_add(&out, str_ends(line, STR("\r")) ? str_sub(line, 0, line.n - 1) : line);
    }
    if (is_ended)
        buf_add(&out, eol);
    return buf_str(&out);
}

void rule_insert_after(struct check *check, struct edits *edits, uint32_t end, struct str lines) {
    struct str eol = check->document->source.eol, text = with_endings(check, lines, false);
    struct buf out = {.arena = check->arena};
    buf_add(&out, eol);
    buf_add(&out, text);
    edits_add(edits, (struct span){end, end}, buf_str(&out));
}

void rule_insert_before(struct check *check, struct edits *edits, uint32_t start, struct str lines) {
    edits_add(edits, (struct span){start, start}, with_endings(check, lines, true));
}
