// libcurl's setopt and getinfo are variadic, which Swift cannot call: one inline wrapper for each
// kind of argument.
#ifndef HEDDLE_CLIBCURL_H
#define HEDDLE_CLIBCURL_H
#include <curl/curl.h>

static inline CURLcode heddle_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode heddle_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode heddle_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode heddle_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}
typedef size_t (*heddle_curl_data_function)(char *data, size_t size, size_t count, void *context);
static inline CURLcode heddle_curl_set_data_function(CURL *handle, CURLoption option, heddle_curl_data_function value) {
    return curl_easy_setopt(handle, option, value);
}
typedef int (*heddle_curl_progress_function)(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                                             curl_off_t up);
static inline CURLcode heddle_curl_set_progress_function(CURL *handle, heddle_curl_progress_function value) {
    return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, value);
}
static inline CURLcode heddle_curl_global_init(void) {
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}
static inline CURLcode heddle_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode heddle_curl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode heddle_curl_get_string(CURL *handle, CURLINFO info, char **value) {
    return curl_easy_getinfo(handle, info, value);
}
#endif
