// libcurl, loaded when the first transfer needs it: with all it brings (TLS, LDAP, SSH) it would cost every command of
// ours nine megabytes and ten milliseconds at its start. Swift cannot call the variadic setopt and getinfo either: one
// inline wrapper for each kind of argument.
#ifndef HEDDLE_CLIBCURL_H
#define HEDDLE_CLIBCURL_H
#include <curl/curl.h>
#include <dlfcn.h>
#include <stddef.h>
#include <time.h>

// The functions that are used, each by its name in the library. Never changed after loading: threads may share them.
struct __attribute__((swift_attr("@Sendable"))) heddle_curl {
    CURLcode (*global_init)(long flags);
    CURL *(*easy_init)(void);
    void (*easy_cleanup)(CURL *handle);
    const char *(*easy_strerror)(CURLcode code);
    CURLcode (*easy_setopt)(CURL *handle, CURLoption option, ...);
    CURLcode (*easy_getinfo)(CURL *handle, CURLINFO info, ...);
    struct curl_slist *(*slist_append)(struct curl_slist *list, const char *line);
    void (*slist_free_all)(struct curl_slist *list);
    CURLM *(*multi_init)(void);
    CURLMcode (*multi_cleanup)(CURLM *multi);
    CURLMcode (*multi_add_handle)(CURLM *multi, CURL *handle);
    CURLMcode (*multi_remove_handle)(CURLM *multi, CURL *handle);
    CURLMcode (*multi_perform)(CURLM *multi, int *running);
    CURLMcode (*multi_poll)(CURLM *multi, struct curl_waitfd *extra, unsigned int count, int milliseconds, int *ready);
    CURLMcode (*multi_wakeup)(CURLM *multi);
    CURLMsg *(*multi_info_read)(CURLM *multi, int *left);
    CURLMcode (*multi_setopt)(CURLM *multi, CURLMoption option, ...);
    CURLU *(*url)(void);
    void (*url_cleanup)(CURLU *url);
    CURLUcode (*url_set)(CURLU *url, CURLUPart part, const char *value, unsigned int flags);
    CURLUcode (*url_get)(CURLU *url, CURLUPart part, char **value, unsigned int flags);
    void (*free)(void *text);
    time_t (*getdate)(const char *text, const time_t *unused);
};

// A multi handle as threads may share it: only multi_wakeup is called by others than its own.
struct __attribute__((swift_attr("@Sendable"))) heddle_curl_multi {
    CURLM *handle;
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
        || heddle_curl_find(library, "curl_easy_strerror", &curl->easy_strerror) != 0
        || heddle_curl_find(library, "curl_easy_setopt", &curl->easy_setopt) != 0
        || heddle_curl_find(library, "curl_easy_getinfo", &curl->easy_getinfo) != 0
        || heddle_curl_find(library, "curl_slist_append", &curl->slist_append) != 0
        || heddle_curl_find(library, "curl_slist_free_all", &curl->slist_free_all) != 0
        || heddle_curl_find(library, "curl_multi_init", &curl->multi_init) != 0
        || heddle_curl_find(library, "curl_multi_cleanup", &curl->multi_cleanup) != 0
        || heddle_curl_find(library, "curl_multi_add_handle", &curl->multi_add_handle) != 0
        || heddle_curl_find(library, "curl_multi_remove_handle", &curl->multi_remove_handle) != 0
        || heddle_curl_find(library, "curl_multi_perform", &curl->multi_perform) != 0
        || heddle_curl_find(library, "curl_multi_poll", &curl->multi_poll) != 0
        || heddle_curl_find(library, "curl_multi_wakeup", &curl->multi_wakeup) != 0
        || heddle_curl_find(library, "curl_multi_info_read", &curl->multi_info_read) != 0
        || heddle_curl_find(library, "curl_multi_setopt", &curl->multi_setopt) != 0
        || heddle_curl_find(library, "curl_url", &curl->url) != 0
        || heddle_curl_find(library, "curl_url_cleanup", &curl->url_cleanup) != 0
        || heddle_curl_find(library, "curl_url_set", &curl->url_set) != 0
        || heddle_curl_find(library, "curl_url_get", &curl->url_get) != 0
        || heddle_curl_find(library, "curl_free", &curl->free) != 0
        || heddle_curl_find(library, "curl_getdate", &curl->getdate) != 0) {
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
typedef int (*heddle_curl_seek_function)(void *context, curl_off_t offset, int origin);
static inline CURLcode heddle_curl_set_seek_function(
    const struct heddle_curl *curl, CURL *handle, heddle_curl_seek_function value) {
    return curl->easy_setopt(handle, CURLOPT_SEEKFUNCTION, value);
}
static inline CURLcode heddle_curl_set_offset(
    const struct heddle_curl *curl, CURL *handle, CURLoption option, curl_off_t value) {
    return curl->easy_setopt(handle, option, value);
}
static inline CURLcode heddle_curl_get_text(
    const struct heddle_curl *curl, CURL *handle, CURLINFO info, const char **value) {
    return curl->easy_getinfo(handle, info, value);
}
static inline CURLMcode heddle_curl_multi_set_long(
    const struct heddle_curl *curl, CURLM *multi, CURLMoption option, long value) {
    return curl->multi_setopt(multi, option, value);
}
// The next transfer that has ended: its handle and result; NULL when there is none.
static inline CURL *heddle_curl_multi_ended(const struct heddle_curl *curl, CURLM *multi, CURLcode *result) {
    int left = 0;
    for (CURLMsg *message = curl->multi_info_read(multi, &left); message != NULL;
         message = curl->multi_info_read(multi, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        *result = message->data.result;
        return message->easy_handle;
    }
    return NULL;
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
