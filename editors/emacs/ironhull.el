;;; ironhull.el --- Harden Dockerfiles, compose files and manifests -*- lexical-binding: t -*-

;; Package-Requires: ((emacs "28.1"))

;;; Commentary:

;; Starts `ironhull lsp' with eglot.  Emacs runs one server for a mode: where another one is to stay,
;; `ironhull-fix' and `ironhull-fix-on-save-mode' work without any.

;;; Code:

(defgroup ironhull nil "Harden Dockerfiles, compose files and manifests." :group 'tools)

(defcustom ironhull-path "ironhull" "The program." :type 'string)

(defvar eglot-server-programs)

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               (cons '(dockerfile-mode dockerfile-ts-mode) (lambda (&rest _) (list ironhull-path "lsp")))))

;;;###autoload
(defun ironhull-fix ()
  "Make all safe fixes in this buffer; where it cannot be read it stays as it is."
  (interactive)
  (let ((result (generate-new-buffer " *ironhull*"))
        (report (make-temp-file "ironhull"))
        (file (or buffer-file-name (buffer-name)))
        (coding-system-for-read 'utf-8-unix)
        (coding-system-for-write 'utf-8-unix))
    (unwind-protect
        (if (eq 0 (save-restriction
                    (widen)
                    (call-process-region nil nil ironhull-path nil (list result report) nil
                                         "-" (concat "--stdin-filename=" file))))
            (save-restriction
              (widen)
              (replace-buffer-contents result))
          (message "%s" (with-temp-buffer (insert-file-contents report) (string-trim (buffer-string)))))
      (kill-buffer result)
      (delete-file report))))

;;;###autoload
(define-minor-mode ironhull-fix-on-save-mode
  "Make all safe fixes whenever this buffer is saved."
  :lighter " ironhull"
  (if ironhull-fix-on-save-mode
      (add-hook 'before-save-hook #'ironhull--before-save nil t)
    (remove-hook 'before-save-hook #'ironhull--before-save t)))

(defun ironhull--before-save ()
  "Fix what can be fixed; saving goes on whatever happens."
  (with-demoted-errors "ironhull: %S" (ironhull-fix)))

(provide 'ironhull)
;;; ironhull.el ends here
