/// What the page is made of, inside the program.
enum Asset {
    /// The file at a path, and its type.
    static func named(_ path: String) -> (bytes: [UInt8], type: String)? {
        switch path {
        case "/page.css": (PackageResources.page_css, "text/css; charset=utf-8")
        case "/page.js": (PackageResources.page_js, script)
        case "/panels.js": (PackageResources.panels_js, script)
        case "/map.js": (PackageResources.map_js, script)
        case "/charts.js": (PackageResources.charts_js, script)
        case "/actions.js": (PackageResources.actions_js, script)
        case "/words.js": (PackageResources.words_js, script)
        case "/sign-in.js": (PackageResources.sign_in_js, script)
        case "/favicon.svg": (PackageResources.favicon_svg, "image/svg+xml")
        default: nil
        }
    }

    private static let script = "text/javascript; charset=utf-8"
    static let html = "text/html; charset=utf-8"
}
