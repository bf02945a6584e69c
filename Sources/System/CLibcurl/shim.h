// libcurl, loaded when the first transfer needs it: with all it brings (TLS, LDAP, SSH) it would cost every command of
// ours nine megabytes and ten milliseconds at its start. Swift cannot call the variadic setopt and getinfo either: one
// inline wrapper for each kind of argument.
#ifndef HEDDLE_CLIBCURL_H
#define HEDDLE_CLIBCURL_H
#include <curl/curl.h>
#include <dlfcn.h>
#include <stddef.h>

// The functions that are used, each by its name in the library. Never changed after loading: threads may share them.
struct __attribute__((swift_attr("@Sendable"))) heddle_curl {
    CURLcode (*global_init)(long flags);
    CURL *(*easy_init)(void);
    void (*easy_cleanup)(CURL *handle);
    CURLcode (*easy_perform)(CURL *handle);
    const char *(*easy_strerror)(CURLcode code);
    CURLcode (*easy_setopt)(CURL *handle, CURLoption option, ...);
    CURLcode (*easy_getinfo)(CURL *handle, CURLINFO info, ...);
};

static inline int heddle_curl_find(void *library, const char *name, void *function) {
    void *found = dlsym(library, name);
    if (found == NULL) return -1;
    *(void **)function = found;
    return 0;
}

// Loads the library. Returns NULL, or what is missing.
static inline const char *heddle_curl_load(struct heddle_curl *curl) {
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return dlerror();
    if (heddle_curl_find(library, "curl_global_init", &curl->global_init) != 0
        || heddle_curl_find(library, "curl_easy_init", &curl->easy_init) != 0
        || heddle_curl_find(library, "curl_easy_cleanup", &curl->easy_cleanup) != 0
        || heddle_curl_find(library, "curl_easy_perform", &curl->easy_perform) != 0
        || heddle_curl_find(library, "curl_easy_strerror", &curl->easy_strerror) != 0
        || heddle_curl_find(library, "curl_easy_setopt", &curl->easy_setopt) != 0
        || heddle_curl_find(library, "curl_easy_getinfo", &curl->easy_getinfo) != 0) {
        return dlerror();
    }
    return curl->global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? NULL : "libcurl cannot be initialized";
}

static inline CURLcode heddle_curl_set_long(
    const struct heddle_curl *curl, CURL *handle, CURLoption option, long value) {
    return curl->easy_setopt(handle, option, value);
}
static inline CURLcode heddle_curl_set_string(
    const struct heddle_curl *curl, CURL *handle, CURLoption option, const char *value) {
    return curl->easy_setopt(handle, option, value);
}
static inline CURLcode heddle_curl_set_pointer(
    const struct heddle_curl *curl, CURL *handle, CURLoption option, void *value) {
    return curl->easy_setopt(handle, option, value);
}
typedef size_t (*heddle_curl_data_function)(char *data, size_t size, size_t count, void *context);
static inline CURLcode heddle_curl_set_data_function(
    const struct heddle_curl *curl, CURL *handle, CURLoption option, heddle_curl_data_function value) {
    return curl->easy_setopt(handle, option, value);
}
typedef int (*heddle_curl_progress_function)(
    void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up);
static inline CURLcode heddle_curl_set_progress_function(
    const struct heddle_curl *curl, CURL *handle, heddle_curl_progress_function value) {
    return curl->easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, value);
}
static inline CURLcode heddle_curl_get_long(
    const struct heddle_curl *curl, CURL *handle, CURLINFO info, long *value) {
    return curl->easy_getinfo(handle, info, value);
}
static inline CURLcode heddle_curl_get_offset(
    const struct heddle_curl *curl, CURL *handle, CURLINFO info, curl_off_t *value) {
    return curl->easy_getinfo(handle, info, value);
}
#endif
