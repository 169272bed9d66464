#include "report_file.h"

#include "path.h"
#include "write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static FILE *fail(struct str path, struct diags *diags) {
    diag_file(diags, path, "the report cannot be written: %s", strerror(errno));
    return NULL;
}

/* A pipe, a terminal, /dev/null: nothing takes its place. */
static bool is_device(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

FILE *report_file_temporary(void) {
    int fd = memfd_create("report", MFD_CLOEXEC);
    return fd >= 0 ? fdopen(fd, "w+") : NULL;
}

FILE *report_file_open(struct str path, struct diags *diags) {
    if (is_device(str_c(diags->arena, path))) {
        FILE *file = fopen(str_c(diags->arena, path), "we");
        return file ? file : fail(path, diags);
    }
    int fd = open(str_c(diags->arena, path_folder(path)), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    FILE *file = fd >= 0 ? fdopen(fd, "w+") : report_file_temporary();
    return file ? file : fail(path, diags);
}

/* Through a symbolic link, to the file that it names. */
static void put_in_place(struct str text, struct str path, struct diags *diags) {
    struct stat status;
    char *real = realpath(str_c(diags->arena, path), NULL);
    struct str target = real ? str_dup(diags->arena, str_of(real)) : path;
    uint32_t mode = real && stat(real, &status) == 0 ? status.st_mode & 0777 : 0666, n = diags->list.n;
    free(real);
    write_below(path_folder(target), path_name(target), text, mode, diags);
    for (uint32_t i = n; i < diags->list.n; i++)
        diags->list.at[i].path = path;
}

void report_file_close(FILE *file, struct str path, struct diags *diags) {
    struct stat status;
    if (fflush(file) != 0 || ferror(file) || fstat(fileno(file), &status) != 0) {
        fail(path, diags);
    } else if (S_ISREG(status.st_mode)) {
        uint32_t n = (uint32_t)status.st_size;
        void *text = n ? mmap(NULL, n, PROT_READ, MAP_PRIVATE, fileno(file), 0) : NULL;
        if (text == MAP_FAILED)
            fail(path, diags);
        else
            put_in_place((struct str){text, n}, path, diags);
        if (text && text != MAP_FAILED)
            munmap(text, n);
    }
    fclose(file);
}
