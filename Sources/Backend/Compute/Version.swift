/// The version of the tool and the libraries.
package let digitalisVersion = "0.1.0"
