;;; ironhull.el --- Harden Dockerfiles, compose files and manifests -*- lexical-binding: t -*-

;; Package-Requires: ((emacs "29.1"))

;;; Commentary:

;; Starts `ironhull lsp' with eglot.  Emacs runs one server for a mode: where another one is to stay,
;; `ironhull-fix' works without any.

;;; Code:

(require 'eglot)

(defgroup ironhull nil "Harden Dockerfiles, compose files and manifests." :group 'tools)

(defcustom ironhull-path "ironhull" "The program." :type 'string)

(defcustom ironhull-fix-on-save nil "Whether saving makes all safe fixes." :type 'boolean)

(add-to-list 'eglot-server-programs
             (cons '(dockerfile-mode dockerfile-ts-mode)
                   (lambda (&rest _)
                     (list ironhull-path "lsp" :initializationOptions
                           (list :fixOnSave (if ironhull-fix-on-save t :json-false))))))

(defun ironhull-fix ()
  "Make all safe fixes in this buffer; where it cannot be read it stays as it is."
  (interactive)
  (let ((result (generate-new-buffer " *ironhull*"))
        (report (make-temp-file "ironhull")))
    (unwind-protect
        (if (zerop (call-process-region nil nil ironhull-path nil (list result report) nil "-"
                                        (concat "--stdin-filename=" (or buffer-file-name (buffer-name)))))
            (replace-buffer-contents result)
          (message "%s" (with-temp-buffer (insert-file-contents report) (string-trim (buffer-string)))))
      (kill-buffer result)
      (delete-file report))))

(provide 'ironhull)
;;; ironhull.el ends here
