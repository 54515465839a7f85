; Windows cannot replace files of a running program: the one before is stopped first, through its
; own command and never by name, so that models are unloaded and nothing else is hit.
!macro stopWhatRuns
  IfFileExists "$INSTDIR\resources\backend\llama-runner-pro-backend.exe" 0 +3
    nsExec::Exec '"$INSTDIR\resources\backend\llama-runner-pro-backend.exe" stop --timeout-s 15'
    Pop $R9
!macroend

!macro customInit
  !insertmacro stopWhatRuns
!macroend

!macro customUnInit
  !insertmacro stopWhatRuns
!macroend
