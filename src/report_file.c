#include "report_file.h"

#include "path.h"
#include "real.h"
#include "write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Not what has become a file meanwhile. */
static FILE *open_device(const char *path) {
    struct stat status;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode)))
        return fd < 0 ? NULL : fdopen(fd, "w");
    close(fd);
    errno = EEXIST;
    return NULL;
}

FILE *report_file_open(struct str path, struct diags *diags) {
    if (is_device(str_c(diags->arena, path))) {
        FILE *file = open_device(str_c(diags->arena, path));
        return file ? file : fail(path, diags);
    }
    int fd = open(str_c(diags->arena, path_folder(path)), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    FILE *file = fd >= 0 ? fdopen(fd, "w+") : report_file_temporary();
    return file ? file : fail(path, diags);
}

static void put_in_place(struct str text, struct str path, struct str place, struct diags *diags) {
    struct stat status;
    bool exists = real_stat(str_c(diags->arena, place), &status) == 0 && S_ISREG(status.st_mode);
    uint32_t n = diags->list.n;
    write_below(path_folder(place), path_name(place), text, exists ? status.st_mode & 0777 : 0666, diags);
    for (uint32_t i = n; i < diags->list.n; i++)
        diags->list.at[i].path = path;
}

void report_file_close(FILE *file, struct str path, struct str place, struct diags *diags) {
    struct stat status;
    if (fflush(file) != 0 || ferror(file) || fstat(fileno(file), &status) != 0) {
        fail(path, diags);
    } else if (S_ISREG(status.st_mode)) {
        uint32_t n = (uint32_t)status.st_size;
        void *text = n ? mmap(NULL, n, PROT_READ, MAP_PRIVATE, fileno(file), 0) : NULL;
        if (text == MAP_FAILED)
            fail(path, diags);
        else
            put_in_place((struct str){text, n}, path, place, diags);
        if (text && text != MAP_FAILED)
            munmap(text, n);
    }
    fclose(file);
}
